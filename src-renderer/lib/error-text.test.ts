import { describe, expect, it } from 'vitest'
import { appErrorCodes } from '../../src-shared/ipc/errors.ts'
import { CallError } from './call-error.ts'
import { describeFailure, errorText } from './error-text.ts'

describe('errorText', () => {
  it.each(appErrorCodes)('says of %s what happened, what was not changed and what to do', (code) => {
    const { title, unchanged, next } = errorText(code)
    expect(title).not.toMatch(/[.!]$/)
    expect(unchanged).toMatch(/\.$/)
    expect(next).toMatch(/[.;]?.*\.$/)
    expect(`${title} ${unchanged} ${next}`).not.toMatch(/\b(local|remote)\b/i)
  })

  it('gives every code a title of its own', () => {
    expect(new Set(appErrorCodes.map((code) => errorText(code).title)).size).toBe(appErrorCodes.length)
  })
})

describe('describeFailure', () => {
  it('keeps code and reference of a call that failed', () => {
    const failure = describeFailure(new CallError({ code: 'STORE_FULL', message: 'no room', ref: 'e-7' }))
    expect(failure).toMatchObject({ code: 'STORE_FULL', ref: 'e-7', title: 'The disk is full' })
  })

  it('takes anything else thrown for a fault of ours', () => {
    expect(describeFailure(new TypeError('x is not a function')).code).toBe('INTERNAL')
    expect(describeFailure('text').code).toBe('INTERNAL')
  })
})
