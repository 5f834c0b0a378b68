/**
 * A firm in the middle of four clients' offices: random edits and deletions on all sides, messages that are lost, overtaken
 * or delivered again, decisions in between. Nothing anybody wrote may be lost, nobody is asked the same twice, and when
 * the messages come through at last and all is decided, the five offices hold the same records.
 * `SIMULATION_SEED` plays one game again.
 */
import { describe, expect, it } from 'vitest'
import { Ledger } from './simulation/ledger.ts'
import { Office, type Game, type Message } from './simulation/office.ts'
import { Chance } from './simulation/random.ts'

const ROUNDS = 30
const CLIENTS = ['ann', 'bob', 'cem', 'dea']
const RECORDS = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6']
const SETTLING = 12

interface Sent {
  readonly to: Office
  readonly message: Message
}

class Simulation {
  readonly #game: Game
  readonly #firm: Office
  readonly #clients: readonly Office[]
  #underway: Sent[] = []

  private constructor(game: Game, firm: Office, clients: readonly Office[]) {
    this.#game = game
    this.#firm = firm
    this.#clients = clients
  }

  static async start(seed: number): Promise<Simulation> {
    const game = { chance: new Chance(seed), ledger: new Ledger() }
    const firm = await Office.open('firm', game)
    for (const id of RECORDS) await firm.add(id)
    const clients: Office[] = []
    for (const name of CLIENTS) {
      const client = await Office.open(name, game)
      await client.take(await firm.send(name))
      clients.push(client)
    }
    return new Simulation(game, firm, clients)
  }

  get offices(): readonly Office[] {
    return [this.#firm, ...this.#clients]
  }

  async round(): Promise<void> {
    const { chance } = this.#game
    for (const office of this.offices) {
      for (let edits = chance.below(3); edits > 0; edits -= 1) await office.edit()
    }
    for (const client of this.#clients) {
      if (chance.happens(0.6)) await this.#post(client, this.#firm)
      if (chance.happens(0.6)) await this.#post(this.#firm, client)
    }
    await this.#deliver()
    for (const office of this.offices) {
      await office.decide(0.3)
      if (chance.happens(0.04)) await office.undo()
    }
  }

  async #post(from: Office, to: Office): Promise<void> {
    const message = await from.send(to.name)
    if (!this.#game.chance.happens(0.2)) this.#underway.push({ to, message })
  }

  /** In any order; some wait for a later round, some come twice. */
  async #deliver(): Promise<void> {
    const { chance } = this.#game
    const waiting: Sent[] = []
    while (this.#underway.length > 0) {
      const [sent] = this.#underway.splice(chance.below(this.#underway.length), 1)
      if (sent === undefined) break
      if (chance.happens(0.25)) {
        waiting.push(sent)
        continue
      }
      await sent.to.take(sent.message, { late: chance.happens(0.5), picky: chance.happens(0.1) })
      if (chance.happens(0.15)) waiting.push(sent)
    }
    this.#underway = waiting
  }

  /** Every message comes through and everything is decided, until all are alike. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < SETTLING && !(await this.isSettled()); turn += 1) {
      for (const client of this.#clients) await this.#firm.take(await client.send('firm'))
      await this.#firm.decide(1)
      for (const client of this.#clients) {
        await client.take(await this.#firm.send(client.name))
        await client.decide(1)
      }
    }
  }

  async isSettled(): Promise<boolean> {
    const states = await Promise.all(this.offices.map((office) => office.records()))
    const texts = new Set(states.map((state) => JSON.stringify(Object.entries(state).sort())))
    const open = await Promise.all(this.offices.map((office) => office.openConflicts()))
    return texts.size === 1 && open.every((count) => count === 0)
  }

  async check(): Promise<void> {
    for (const office of this.offices) {
      const overlaps = await office.overlaps()
      const twice = overlaps.filter((overlap, at) => overlaps.indexOf(overlap) !== at)
      expect(twice, `${office.name} was asked twice`).toEqual([])
    }
    const state = await this.#firm.records()
    for (const client of this.#clients) expect(await client.records(), client.name).toEqual(state)
    expect(await this.isSettled()).toBe(true)
    expect(this.#game.ledger.lost(state)).toEqual([])
    expect(this.#game.ledger.undone((id) => Object.hasOwn(state, id))).toEqual([])
  }

  close(): void {
    for (const office of this.offices) office.close()
  }
}

/** "7", or "1-50". */
function seedsOf(text: string): number[] {
  const [first = 1, last = first] = text.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}

const seeds = seedsOf(process.env['SIMULATION_SEED'] ?? '1-6')

describe('a firm between four clients', () => {
  it.each(seeds)(
    'loses nothing, asks nothing twice and ends alike (SIMULATION_SEED=%i)',
    async (seed) => {
      const simulation = await Simulation.start(seed)
      for (let round = 0; round < ROUNDS; round += 1) await simulation.round()
      await simulation.settle()
      await simulation.check()
      simulation.close()
    },
    60_000,
  )
})
