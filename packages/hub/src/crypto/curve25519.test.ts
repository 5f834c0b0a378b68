import { describe, expect, it } from 'vitest'
import { DecryptionError } from '../errors.ts'
import { importKey, newKey } from './aead.ts'
import { isSignedBy, openBox, publicKeyOf, sealBox, signText } from './curve25519.ts'

const seedOf = (hex: string) => importKey(Buffer.from(hex, 'hex'))
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

describe('keys on the curve', () => {
  it('are those of RFC 8032 and RFC 7748', () => {
    const signing = seedOf('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    expect(publicKeyOf('ed25519', signing)).toBe(
      base64('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
    )
    expect(signText(signing, '')).toBe(
      base64(
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      ),
    )
    const boxing = seedOf('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a')
    expect(publicKeyOf('x25519', boxing)).toBe(
      base64('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
    )
  })

  it('sign: another text, key or signature does not verify', () => {
    const seed = newKey()
    const key = publicKeyOf('ed25519', seed)
    const signature = signText(seed, 'text')
    expect(isSignedBy(key, 'text', signature)).toBe(true)
    expect(isSignedBy(key, 'texts', signature)).toBe(false)
    expect(isSignedBy(publicKeyOf('ed25519', newKey()), 'text', signature)).toBe(false)
    expect(isSignedBy(key, 'text', 'AAAA')).toBe(false)
    expect(isSignedBy('AAAA', 'text', signature)).toBe(false)
  })

  it('box: only the recipient opens it, and only for its context', () => {
    const seed = newKey()
    const box = sealBox(publicKeyOf('x25519', seed), 'keys', 'for vic')
    expect(openBox(seed, box, 'for vic')).toBe('keys')
    expect(sealBox(publicKeyOf('x25519', seed), 'keys', 'for vic')).not.toBe(box)
    expect(() => openBox(newKey(), box, 'for vic')).toThrow(DecryptionError)
    expect(() => openBox(seed, box, 'for eve')).toThrow(DecryptionError)
    expect(() => openBox(seed, 'AAAA', 'for vic')).toThrow(DecryptionError)
    const lowOrder = Buffer.concat([Buffer.alloc(32), Buffer.from(box, 'base64').subarray(32)])
    expect(() => openBox(seed, lowOrder.toString('base64'), 'for vic')).toThrow(DecryptionError)
  })
})
