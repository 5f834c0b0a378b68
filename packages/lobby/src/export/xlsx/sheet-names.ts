/** Names of sheets, as spreadsheets take them: 31 characters, some not at all, none twice whatever its case. */

const MAX_CHARS = 31
const MANIFEST = '_manifest'
const ABOUT = '_about'

export interface SheetNames {
  readonly manifest: string
  readonly about: string
  next(wanted: string): string
}

/** @param withAbout whether there is such a sheet: its name is free otherwise. */
export function sheetNames(withAbout: boolean): SheetNames {
  const taken = new Set(withAbout ? [MANIFEST, ABOUT] : [MANIFEST])
  return {
    manifest: MANIFEST,
    about: ABOUT,
    next(wanted) {
      const clean = cleanName(wanted)
      let name = cut(clean, MAX_CHARS)
      for (let number = 2; taken.has(name.toLowerCase()); number += 1) {
        const suffix = ` (${number})`
        name = cut(clean, MAX_CHARS - suffix.length) + suffix
      }
      taken.add(name.toLowerCase())
      return name
    },
  }
}

/** Excel takes no apostrophe at either end, and keeps "History" for itself. */
function cleanName(wanted: string): string {
  // eslint-disable-next-line no-control-regex -- these are what a name must not have
  const name = wanted.replaceAll(/[:/\\?*[\]\u0000-\u001f\u007f]/g, '_').replaceAll(/^'|'$/g, '_')
  return name === '' || name.toLowerCase() === 'history' ? `${name}_` : name
}

/** Whole characters only: half an emoji is no text. */
function cut(name: string, length: number): string {
  const short = name.slice(0, length)
  return /[\uD800-\uDBFF]$/.test(short) ? short.slice(0, -1) : short
}
