/** Shapes of workbook exports, with the names the published package has for them. */
import type { VaultApi } from '@noy-db/hub'
import type { CompiledCollection } from '../../templates/compile.ts'

/** A column of another sheet's rows, looked up for each row. */
export interface MultiVaultDenormColumn {
  /** Heading. */
  readonly column: string
  readonly localField: string
  readonly from: {
    readonly label: string
    readonly collection: string
    readonly keyField: string
    readonly pick: string
  }
}

export interface AsXlsxSheetOptions {
  readonly name: string
  readonly collection: string
  /** Default: the union of the records' names, as they are met. */
  readonly columns?: readonly string[]
  readonly filter?: (record: unknown) => boolean
  /** In characters, by column. */
  readonly widths?: ReadonlyArray<number | undefined>
  readonly denormalize?: readonly MultiVaultDenormColumn[]
}

export interface MultiVaultXlsxEntry {
  readonly vault: VaultApi
  readonly sheets: readonly AsXlsxSheetOptions[]
  /** Ids that may leave, by collection. A collection that it does not name has none. Absent: everything may. */
  readonly closure?: ReadonlyMap<string, ReadonlySet<string>>
  /** Default: the vault's name. */
  readonly label?: string
}

export interface MultiVaultXlsxOptions {
  /** Between label and name of a sheet; default `_`. */
  readonly sheetSeparator?: string
  /** Describes a collection's fields, so that amounts and dates become such. */
  readonly describe?: (vault: string, collection: string) => CompiledCollection | undefined
  /** What was chosen, as a person would say it: on a second sheet `_about`. Default: no such sheet. */
  readonly about?: readonly { readonly label: string; readonly value: string }[]
  /** The worker that writes the file, where it is bundled: a URL or an absolute path. */
  readonly workerEntry?: string | URL
  /** What stands above a column: the field's name (default), or what the template calls it. */
  readonly headings?: 'names' | 'labels'
}
