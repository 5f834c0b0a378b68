/** The lines of a file, a chunk at a time; a line beyond its cap is refused before it is gathered. */
import { open } from 'node:fs/promises'
import { invalid } from './format.ts'

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

/** Without their ends. `cap` in bytes; @throws LobbyError SNAPSHOT_INVALID also for a last line that does not end */
export async function* linesOf(file: string, cap: number): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r')
  try {
    let parts: Buffer[] = []
    let length = 0
    for (;;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES)
      if (bytesRead === 0) break
      let start = 0
      for (let end = lineEnd(buffer, start, bytesRead); end >= 0; end = lineEnd(buffer, start, bytesRead)) {
        yield Buffer.concat([...parts, buffer.subarray(start, end)])
        parts = []
        length = 0
        start = end + 1
      }
      parts.push(buffer.subarray(start, bytesRead))
      length += bytesRead - start
      if (length > cap) throw invalid('a line is longer than any row')
    }
    if (length > 0) throw invalid('it was cut short')
  } finally {
    await handle.close()
  }
}

function lineEnd(buffer: Buffer, start: number, end: number): number {
  const at = buffer.indexOf(NEWLINE, start)
  return at < end ? at : -1
}
