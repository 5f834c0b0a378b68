/** What a bundle says of itself: nothing of it is opened, and no key is needed. */
import { inspectBundle } from '@klum-db/lobby'
import { resolve } from 'node:path'
import { readCapped } from '../../console/capped-files.ts'
import { fileLimits } from '../../console/files.ts'
import { assertBundle } from '../../console/imports/inspect.ts'
import type { Command } from '../command.ts'

export const inspect: Command = {
  usage: 'BUNDLE',
  about: 'what a bundle says of itself; needs no key and no workspace',
  options: {},
  async run(args) {
    const path = resolve(args.onlyWord('The bundle'))
    const bytes = await readCapped(path, fileLimits.bundle)
    assertBundle(bytes)
    const { compartments, check, sender, ...facts } = await inspectBundle(bytes)
    const parts = compartments.map(({ handle, name, innerBytes, innerSha256, collections, exportedAt }) => ({
      handle,
      name: name ?? null,
      bytes: innerBytes,
      sha256: innerSha256,
      collections: collections ?? null,
      exportedAt: exportedAt ?? null,
    }))
    const from = sender === null ? null : { ...sender, fingerprint: check.fingerprint }
    return {
      lines: [
        `${path}: ${facts.bytes} bytes, sha256 ${facts.sha256}`,
        from === null
          ? 'not signed'
          : `signed by ${from.party} (${from.fingerprint ?? ''}), number ${from.sequence}, made ${from.createdAt}; the signature is good`,
        ...parts.map(({ handle, name, bytes: size }) => `  ${handle}  ${name ?? '(no name)'}  ${size} bytes`),
      ],
      data: { file: path, bytes: facts.bytes, sha256: facts.sha256, sender: from, compartments: parts },
    }
  },
}
