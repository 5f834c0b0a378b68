/** Runs jobs of one lane one after another; `null` is no lane. */
export interface Lanes {
  run<T>(lane: string | null, job: () => Promise<T>): Promise<T>
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>()
  return {
    async run(lane, job) {
      if (lane === null) return job()
      const turn = (tails.get(lane) ?? Promise.resolve()).then(job, job)
      tails.set(lane, turn)
      try {
        return await turn
      } finally {
        if (tails.get(lane) === turn) tails.delete(lane)
      }
    },
  }
}
