// The package ships types that its `exports` hide; its API is better-sqlite3's, with more pragmas.
declare module 'better-sqlite3-multiple-ciphers' {
  export { default } from 'better-sqlite3'
}
