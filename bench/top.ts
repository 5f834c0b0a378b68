/** `node bench/top.ts folder`: where the time of `run.ts --profile=folder` went, by function; own time, then with callees. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const LINES = 40

function placeOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const path = url.replace(/^.*\/(packages|bench|node_modules)\//, '$1/')
  return `${functionName || '(anonymous)'} ${path}:${lineNumber + 1}`
}

const ownByPlace = new Map<string, number>()
const allByPlace = new Map<string, number>()
const add = (to: Map<string, number>, place: string, time: number): unknown =>
  to.set(place, (to.get(place) ?? 0) + time)

/** Adds up one profile. Resolves to its whole time. */
function count(profile: Profile): number {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const own = new Map<number, number>()
  for (const [at, id] of profile.samples.entries())
    own.set(id, (own.get(id) ?? 0) + (profile.timeDeltas[at] ?? 0))
  const [root] = profile.nodes
  return root === undefined ? 0 : visit(root, new Set())

  /** Time of the node and its callees; a function that calls itself counts once. */
  function visit(node: ProfileNode, above: ReadonlySet<string>): number {
    if (node.callFrame.functionName === 'startProfile') return 0 // ours, before the clock starts
    const place = placeOf(node)
    const mine = own.get(node.id) ?? 0
    const within = new Set(above).add(place)
    const below = (node.children ?? []).map((id) => nodes.get(id)).filter((child) => child !== undefined)
    const total = below.reduce((sum, child) => sum + visit(child, within), mine)
    add(ownByPlace, place, mine)
    if (!above.has(place)) add(allByPlace, place, total)
    return total
  }
}

function print(title: string, times: ReadonlyMap<string, number>, whole: number): void {
  console.log(`\n${title} (ms, share)`)
  const busiest = [...times].sort(([, left], [, right]) => right - left).slice(0, LINES)
  for (const [place, time] of busiest) {
    console.log(
      `${(time / 1000).toFixed(0).padStart(7)} ${((100 * time) / whole).toFixed(1).padStart(5)}%  ${place}`,
    )
  }
}

const [folder = '.'] = process.argv.slice(2)
const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
const profiles = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile) // written by Node
const whole = profiles.reduce((sum, profile) => sum + count(profile), 0)
print(`own time of ${files.length} runs`, ownByPlace, whole)
print('with callees', allByPlace, whole)
