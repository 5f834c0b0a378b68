/** Which words of a text differ from another text: the words of their longest common sequence are left alone. */
export interface WordPart {
  readonly text: string
  readonly changed: boolean
}

/** Texts with more words than this are marked as a whole. */
const limit = 300

export function diffWords(from: string, to: string): WordPart[] {
  const [a, b] = [words(from), words(to)]
  if (a.length > limit || b.length > limit) return [{ text: to, changed: from !== to }]
  const table = commonLengths(a, b)
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0
  const parts: WordPart[] = []
  let i = 0
  for (let j = 0; j < b.length;) {
    const isCommon = a[i] === b[j]
    if (!isCommon && i < a.length && at(i + 1, j) >= at(i, j + 1)) {
      i += 1
      continue
    }
    push(parts, { text: b[j] ?? '', changed: !isCommon })
    if (isCommon) i += 1
    j += 1
  }
  return parts
}

/** Words, the blanks between them, and marks: joined again they are the text. */
function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|\s+|[^\p{L}\p{N}\s]/gu) ?? []
}

/** Length of the longest common sequence of what is left from each pair of places. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const [row, below] = [table[i] ?? [], table[i + 1] ?? []]
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return table
}

function push(parts: WordPart[], part: WordPart): void {
  const last = parts.at(-1)
  if (last?.changed === part.changed) parts[parts.length - 1] = { ...last, text: last.text + part.text }
  else parts.push(part)
}
