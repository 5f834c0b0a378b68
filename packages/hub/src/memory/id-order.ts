/**
 * Order of ids by code point, which is also the order of their UTF-8 bytes. Plain `<` compares UTF-16
 * units and would put emoji before U+E000, where a database that compares bytes puts them after.
 */
export function compareIds(left: string, right: string): number {
  const shared = Math.min(left.length, right.length)
  let at = 0
  while (at < shared && left.charCodeAt(at) === right.charCodeAt(at)) at += 1
  if (at === shared) return left.length - right.length
  return weight(left.charCodeAt(at)) - weight(right.charCodeAt(at))
}

/** Surrogates stand for code points above every other UTF-16 unit. */
function weight(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
