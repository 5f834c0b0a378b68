/**
 * Who may talk to the loopback host. A one-time token (printed for the person, carried in the URL fragment) is
 * exchanged once for a bearer, kept by the tab, and a cookie, kept by the browser; a call needs both. A new token
 * ends the old session.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'

export interface Session {
  readonly bearer: string
  readonly cookie: string
}

export interface TokenDesk {
  /** A fresh one-time token; whoever was connected is not any more. */
  issue(): string
  /** Null unless `token` is the one issued last and was not used before. */
  redeem(token: string): Session | null
  accepts(bearer: string | null, cookie: string | null): boolean
  acceptsBearer(bearer: string | null): boolean
}

export function createTokenDesk(): TokenDesk {
  let token: string | null = null
  let session: Session | null = null
  const acceptsBearer = (bearer: string | null): boolean => session !== null && same(bearer, session.bearer)
  return {
    issue() {
      token = secret()
      session = null
      return token
    },
    redeem(offered) {
      if (token === null || !same(offered, token)) return null
      token = null
      session = { bearer: secret(), cookie: secret() }
      return session
    },
    accepts: (bearer, cookie) => acceptsBearer(bearer) && session !== null && same(cookie, session.cookie),
    acceptsBearer,
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

/** Constant time for equal lengths; the length of a secret is not one. */
function same(offered: string | null, expected: string): boolean {
  if (offered === null) return false
  const left = Buffer.from(offered)
  const right = Buffer.from(expected)
  return left.length === right.length && timingSafeEqual(left, right)
}
