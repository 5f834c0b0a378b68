/** What a chosen file is: a bundle, or a file of another program. */
import { recogniseSource, type ForeignSource, type SourceKind } from '@klum-db/lobby'
import { AppError } from '../app-error.ts'
import { isBundle } from '../imports/inspect.ts'

/** @throws AppError FILE_UNKNOWN */
export async function recognise(source: ForeignSource): Promise<'bundle' | SourceKind> {
  if (isBundle(await headOf(source))) return 'bundle'
  const kind = await recogniseSource(source)
  if (kind === null) throw new AppError('FILE_UNKNOWN')
  return kind
}

async function headOf(source: ForeignSource): Promise<Uint8Array> {
  for await (const chunk of source.chunks()) return chunk
  return new Uint8Array()
}
