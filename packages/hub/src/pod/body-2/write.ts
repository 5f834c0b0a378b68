/** Writes a body of format 2. A finished collection is compressed on the thread pool while the next one is written. */
import { newKey } from '../../crypto/aead.ts'
import { Slices } from '../../transaction/slices.ts'
import type { RecordMetadata } from '../../types/collection.ts'
import { compress } from '../compression.ts'
import type { PackedBody, PartitionHead, PartitionWriter, SchemaRow } from '../partition.ts'
import { sealChunks } from './chunks.ts'
import { sealDirectory, type Section } from './directory.ts'
import { encodeHead } from './head.ts'
import { rowLine, schemaLine } from './lines.ts'

/** Characters that become bytes at once. */
const PIECE = 64 * 1024

interface Written {
  readonly collection: string
  readonly records: number
  readonly plainBytes: number
  readonly compressed: Promise<Uint8Array>
}

export class Body2Writer implements PartitionWriter {
  readonly #head: PartitionHead
  readonly #written: Written[] = []
  #open: OpenSection | null = null

  constructor(head: PartitionHead) {
    this.#head = head
  }

  startCollection(name: string, schema: SchemaRow | null): void {
    this.#close()
    this.#open = new OpenSection(name, schema)
  }

  addRow(id: string, clear: RecordMetadata, body: unknown): void {
    if (this.#open === null) throw new TypeError('A row needs a collection that was started.')
    this.#open.add(id, clear, body)
  }

  async finish(signal?: AbortSignal): Promise<PackedBody> {
    this.#close()
    const slices = new Slices(signal === undefined ? {} : { signal })
    const sections: Section[] = []
    const chunks: Buffer[] = []
    for (const { compressed, collection, records, plainBytes } of this.#written) {
      const place = { binding: this.#head, section: sections.length, key: newKey() }
      const sealed = await sealChunks(place, await compressed, slices)
      const sealedBytes = sealed.reduce((sum, chunk) => sum + chunk.length, 0)
      sections.push({ collection, key: place.key, records, plainBytes, sealedBytes })
      for (const chunk of sealed) chunks.push(chunk)
    }
    const { transferKey, vault, userId, exportedAt } = this.#head
    const directory = sealDirectory(transferKey, this.#head, { vault, userId, exportedAt, sections })
    const body = Buffer.concat([encodeHead(this.#head, directory.length), directory, ...chunks])
    return { body, compression: 'none' }
  }

  #close(): void {
    if (this.#open === null) return
    const { collection, records } = this.#open
    const plain = this.#open.bytes()
    this.#open = null
    const compressed = compress(plain, this.#head.compression, 'text')
    compressed.catch(() => undefined) // reported where it is awaited; an extraction may also stop before that
    this.#written.push({ collection, records, plainBytes: plain.length, compressed })
  }
}

/** The lines of one collection, turned into bytes a few hundred at a time. */
class OpenSection {
  readonly collection: string
  records = 0
  readonly #pieces: Buffer[] = []
  #text: string

  constructor(collection: string, schema: SchemaRow | null) {
    this.collection = collection
    this.#text = schemaLine(schema)
  }

  add(id: string, clear: RecordMetadata, body: unknown): void {
    this.#text += rowLine(id, clear, body)
    this.records += 1
    if (this.#text.length >= PIECE) this.#flush()
  }

  bytes(): Buffer {
    this.#flush()
    return Buffer.concat(this.#pieces)
  }

  #flush(): void {
    this.#pieces.push(Buffer.from(this.#text))
    this.#text = ''
  }
}
