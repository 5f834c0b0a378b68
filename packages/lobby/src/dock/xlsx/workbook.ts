/** What the small parts of a workbook say: its sheets, the texts its cells share, and which formats are dates. */
import type { Pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { beyond, invalid } from '../source/error.ts'
import type { Archive } from './archive.ts'
import { readPart, TextCollector } from './part-events.ts'

export interface Sheet {
  readonly name: string
  readonly part: string
}

export interface Workbook {
  readonly sheets: readonly Sheet[]
  readonly texts: readonly string[]
  /** By cell format. */
  readonly isDate: readonly boolean[]
  /** Days count from 1904 instead of 1900. */
  readonly from1904: boolean
}

export async function readWorkbook(archive: Archive, slices: Pace): Promise<Workbook> {
  if (!archive.has('xl/workbook.xml')) throw invalid('This is no workbook.')
  const targets = await readRelations(archive, slices)
  const sheets: Sheet[] = []
  let from1904 = false
  await readPart(archive, 'xl/workbook.xml', slices, {
    open({ name, attributes }) {
      if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attributes['date1904'] ?? '')
      if (name !== 'sheet') return
      const part = targets.get(attributes['r:id'] ?? '')
      // Charts and macros are sheets too, without cells.
      if (part !== undefined) sheets.push({ name: attributes['name'] ?? '', part })
    },
  })
  if (sheets.length > dockLimits.tables)
    throw beyond(`The workbook has more than ${dockLimits.tables} sheets.`)
  const texts = await readTexts(archive, slices)
  return { sheets, texts, isDate: await readDateFormats(archive, slices), from1904 }
}

/** Sheet parts by relation id; a target that is none of the archive is refused where it is read. */
async function readRelations(archive: Archive, slices: Pace): Promise<Map<string, string>> {
  const targets = new Map<string, string>()
  await readPart(archive, 'xl/_rels/workbook.xml.rels', slices, {
    open({ name, attributes }) {
      const { Id: id, Target: target, Type: type = '', TargetMode: mode } = attributes
      if (name !== 'Relationship' || id === undefined || target === undefined) return
      if (mode === 'External' || !type.endsWith('/worksheet')) return
      targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target}`)
    },
  })
  return targets
}

async function readTexts(archive: Archive, slices: Pace): Promise<string[]> {
  const texts: string[] = []
  if (!archive.has('xl/sharedStrings.xml')) return texts
  const collector = new TextCollector()
  let chars = 0
  await readPart(archive, 'xl/sharedStrings.xml', slices, {
    open({ name }) {
      if (name === 'si') collector.start()
      collector.open(name)
    },
    text: (piece) => collector.text(piece),
    close(name) {
      collector.close(name)
      if (name !== 'si') return
      texts.push(collector.value)
      chars += collector.value.length
      if (chars > dockLimits.sharedTextChars)
        throw beyond(`The texts of the workbook have more than ${dockLimits.sharedTextChars} characters.`)
    },
  })
  return texts
}

async function readDateFormats(archive: Archive, slices: Pace): Promise<boolean[]> {
  const custom = new Map<string, string>()
  const isDate: boolean[] = []
  if (!archive.has('xl/styles.xml')) return isDate
  let inCellFormats = false
  await readPart(archive, 'xl/styles.xml', slices, {
    open({ name, attributes }) {
      const { numFmtId: id = '0', formatCode = '' } = attributes
      if (name === 'numFmt') custom.set(id, formatCode)
      else if (name === 'cellXfs') inCellFormats = true
      else if (name === 'xf' && inCellFormats) isDate.push(isDateFormat(Number(id), custom.get(id)))
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false
    },
  })
  return isDate
}

/** Built-in 14 to 22 and 45 to 47 are dates and times; of others, those whose code speaks of days, months or years. */
function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return (id >= 14 && id <= 22) || (id >= 45 && id <= 47)
  const spoken = code.replaceAll(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./g, '')
  return /[dmy]/i.test(spoken)
}
