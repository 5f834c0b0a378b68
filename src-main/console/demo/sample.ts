/** The names and prices the demo firm is made of: `resources/sample/demo.json`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const text = z.string().min(1)
const sample = z.object({
  /** The other office the demo exchanges bundles with. */
  bookkeeper: text,
  clients: z.array(
    z.object({
      name: text,
      key: text,
      currency: text,
      vatRate: text,
      city: text,
      country: text,
      trade: text,
    }),
  ),
  trades: z.record(text, z.array(z.object({ name: text, unit: text, unitPrice: text }))),
  people: z.array(text),
  titles: z.array(text),
  buyers: z.array(text),
  streets: z.array(text),
  cities: z.array(text),
})

export type Sample = z.infer<typeof sample>
export type SampleClient = Sample['clients'][number]

export async function readSample(resourcesDir: string): Promise<Sample> {
  return sample.parse(JSON.parse(await readFile(join(resourcesDir, 'sample', 'demo.json'), 'utf8')))
}
