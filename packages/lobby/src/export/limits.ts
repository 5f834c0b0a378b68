/** Caps of exports. `docs/limits.md` prints this table and a test compares the two. */
export const exportLimits = {
  /** Rows of one sheet, its heading included: what spreadsheets open. */
  sheetRows: 1_048_576,
  /** Columns of one sheet: what spreadsheets open. */
  sheetColumns: 16_384,
  /** UTF-16 units of one cell of a workbook: what spreadsheets open. */
  sheetCellChars: 32_767,
  /** Sheets of one workbook. */
  sheets: 1_000,
  /** Cells of one workbook, which is built in memory. */
  workbookCells: 5_000_000,
} as const
