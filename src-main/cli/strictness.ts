/** `--strictness`: how much a merge does by itself, for all collections or some; else as remembered of the client. */
import { type Strictness, strictness } from '../../src-shared/ipc/common.ts'
import type { Console } from '../console/console.ts'
import { type Arguments, type OptionTable, UsageError } from './arguments.ts'

export const strictnessOptions: OptionTable = { strictness: { type: 'string', multiple: true } }
export const strictnessUsage = `[--strictness [COLLECTION=]${strictness.options.join('|')}]…`

/** Spread into where a part goes. @throws UsageError */
export async function strictnessOf(
  { imports }: Console,
  args: Arguments,
): Promise<{ strictness?: Record<string, Strictness> }> {
  const wanted = args.many('strictness').map(levelOf)
  if (wanted.length === 0) return {}
  const { collections } = await imports.strictness()
  const known = new Map(collections.map(({ name }): [string, Strictness] => [name, 'field']))
  for (const { collection, level } of wanted) {
    const names = collection === undefined ? [...known.keys()] : [collection]
    for (const name of names) {
      if (!known.has(name)) throw new UsageError(`No client keeps a collection "${name}".`)
      known.set(name, level)
    }
  }
  return { strictness: Object.fromEntries(known) }
}

function levelOf(text: string): { collection?: string; level: Strictness } {
  const at = text.lastIndexOf('=')
  const parsed = strictness.safeParse(text.slice(at + 1))
  if (!parsed.success || at === 0)
    throw new UsageError(`--strictness is ${strictness.options.join(', ')}, or COLLECTION= one of them.`)
  return { ...(at > 0 && { collection: text.slice(0, at) }), level: parsed.data }
}
