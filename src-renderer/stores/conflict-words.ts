/** Which words of a text differ from another text: the common start and end are left alone. */
export interface WordPart {
  readonly text: string
  readonly changed: boolean
}

export function diffWords(from: string, to: string): WordPart[] {
  const [a, b] = [words(from), words(to)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  const parts = [
    { text: b.slice(0, start).join(''), changed: false },
    { text: b.slice(start, b.length - end).join(''), changed: true },
    { text: b.slice(b.length - end).join(''), changed: false },
  ]
  return parts.filter((part) => part.text !== '')
}

/** Words, the blanks after them, and marks: joined again they are the text. */
function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+|\s+|[^\p{L}\p{N}\s]/gu) ?? []
}
