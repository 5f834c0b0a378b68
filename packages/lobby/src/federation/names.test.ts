import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReservedVaultNameError, STATE_VAULT_NAME, ValidationError } from '@noy-db/hub'
import { checkGroupName, isShardOf, keyInVaultId, newPartitionKey, shardVaultId } from './names.ts'

describe('partition keys', () => {
  it.each(['', 'a b', 'é', 'a/b', 'a--b', '--'])('%j is refused', (key) => {
    expect(() => shardVaultId('g', key)).toThrow(ValidationError)
  })

  it.each(['-b', 'b-', '.hidden', 'A.b_c-9', 'x'.repeat(200)])('%j is taken', (key) => {
    expect(shardVaultId('g', key)).toBe(`g--${key}`)
  })

  it('the reserved name is refused as such', () => {
    expect(() => shardVaultId('g', STATE_VAULT_NAME)).toThrow(ReservedVaultNameError)
  })

  it('made ones fit and do not repeat', () => {
    const keys = new Set(Array.from({ length: 50 }, newPartitionKey))
    expect(keys.size).toBe(50)
    for (const key of keys) expect(keyInVaultId('g', shardVaultId('g', key))).toBe(key)
  })
})

describe('vault ids', () => {
  const accepted = (check: (text: string) => unknown) => (text: string) => {
    try {
      check(text)
      return true
    } catch {
      return false
    }
  }
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.'), minLength: 1, maxLength: 8 })
  const group = text.filter(accepted(checkGroupName))
  const key = text.filter(accepted((candidate) => shardVaultId('g', candidate)))

  it('come from one group and one key only', () => {
    fc.assert(
      fc.property(group, key, group, key, (g1, k1, g2, k2) => {
        const same = shardVaultId(g1, k1) === shardVaultId(g2, k2)
        expect(same).toBe(g1 === g2 && k1 === k2)
        expect(isShardOf(g2, shardVaultId(g1, k1))).toBe(g1 === g2)
      }),
      { numRuns: 2_000 },
    )
  })
})
