/** Column names from a heading row: none empty, none twice, none that JavaScript finds on every object. */
export function headingsOf(cells: readonly string[]): string[] {
  const taken = new Set<string>()
  return cells.map((cell, at) => {
    const named = cell.trim() === '' || cell === '__proto__' ? `Column ${at + 1}` : cell.trim()
    let name = named
    for (let copy = 2; taken.has(name); copy += 1) name = `${named} (${copy})`
    taken.add(name)
    return name
  })
}

/** For tables without a heading. */
export function plainHeadings(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `Column ${at + 1}`)
}
