/** What a vector's `in` gives, by the second implementation in `../formats`. */
import {
  card,
  container,
  digest,
  hex,
  keyFile,
  keyText,
  publicBytes,
  sealedTo,
  senderBlock,
  wrapped,
  type Kdf,
} from '../formats/exchange.ts'

type Members = Parameters<typeof container>[0]

export interface NdbmIn {
  readonly manifest: Members
  readonly inner: readonly string[]
}

export interface ExchangeIn {
  readonly signingSeed: string
  readonly encryptionSeed: string
  readonly recipientSeed: string
  readonly boxSeed: string
  readonly iv: string
  readonly inner: string
  readonly entry: Members & { handle: string }
  readonly block: Members & { exchangeId: string; party: string }
  readonly transferKey: string
  readonly passphrase: string
  readonly salt: string
  readonly kdf: Members & Kdf
}

export interface ExchangeOut {
  readonly container: string
  readonly card: string
  readonly keyFile: string
  readonly keyText: string
  readonly wrapped: string
  readonly sealed: string
}

export function compute(name: string, input: unknown): Promise<unknown> {
  if (name === 'exchange') return exchange(input as ExchangeIn) // our own file
  const { manifest, inner } = input as NdbmIn // our own file
  return Promise.resolve({ bytes: container(manifest, inner.map(hex)).toString('hex') })
}

async function exchange(input: ExchangeIn): Promise<ExchangeOut> {
  const seed = hex(input.signingSeed)
  const keys = {
    publicKey: publicBytes('ed25519', seed).toString('base64'),
    encryptionKey: publicBytes('x25519', hex(input.encryptionSeed)).toString('base64'),
  }
  const inner = [hex(input.inner)]
  const handle = input.entry.handle
  const manifest = { multiFormatVersion: 1, handle: 'container', compartments: [input.entry] }
  const sender = senderBlock(seed, manifest, { ...input.block, ...keys }, inner)
  const bytes = container({ ...manifest, sender }, inner)
  const { exchangeId } = input.block
  const containerSha256 = digest(bytes)
  const key = hex(input.transferKey)
  const text = keyFile({
    noydbKeys: 1,
    exchangeId,
    containerSha256,
    keys: [{ handle, name: 'Rossi', key: key.toString('base64') }],
  })
  const { salt, kdf } = input
  const to = publicBytes('x25519', hex(input.recipientSeed)).toString('base64')
  return {
    container: bytes.toString('hex'),
    card: `${JSON.stringify(card(seed, { noydbCard: 1, party: input.block.party, ...keys, bodyFormats: [1, 2], createdAt: '2026-01-02T03:04:05.678Z' }))}\n`,
    keyFile: text,
    keyText: keyText(handle, key),
    wrapped: await wrapped(
      { noydbWrappedKeys: 1, exchangeId, containerSha256, salt, kdf },
      input.passphrase,
      hex(input.iv),
      text,
    ),
    sealed: sealedTo({
      outside: { noydbSealedKeys: 1, exchangeId, containerSha256, to },
      signature: sender.signature,
      senderSeed: hex(input.boxSeed),
      iv: hex(input.iv),
      text,
    }),
  }
}
