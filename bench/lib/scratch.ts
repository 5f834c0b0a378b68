/** Files of this run, in one folder that goes away with the process. */
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'lobby-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let files = 0

export function scratchFile(): string {
  files += 1
  return join(folder, `${files}.db`)
}

/** A copy of a closed workspace file, or of a folder. */
export function copyOf(file: string): string {
  const copy = scratchFile()
  cpSync(file, copy, { recursive: true })
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
  return copy
}

/** The file with everything SQLite keeps beside it. */
export function removeFile(file: string): void {
  for (const name of besides(file)) rmSync(name, { force: true })
}

export function bytesOf(file: string): number {
  return besides(file).reduce((sum, name) => sum + statSync(name).size, 0)
}

function besides(file: string): string[] {
  const names = readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)))
  return names.map((name) => join(dirname(file), name))
}
