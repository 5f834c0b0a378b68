/** Where earlier versions lie: `_history/<collection>/<id>/<12-digit version>`. */
export const HISTORY = '_history'
const DIGITS = 12

export function historyId(collection: string, id: string, version: number): string {
  return `${collection}/${id}/${String(version).padStart(DIGITS, '0')}`
}
