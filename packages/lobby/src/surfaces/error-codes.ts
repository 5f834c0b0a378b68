/** Codes of what can be wrong with an agreement, a file about one, or a delivery under one. */
export type SurfaceErrorCode =
  /** No such agreement here. */
  | 'SURFACE_NOT_FOUND'
  /** The agreement is in another state than this needs. */
  | 'SURFACE_STATE'
  /** The proposal says something that cannot be agreed on. */
  | 'SURFACE_INVALID'
  /** Whoever asked cannot be the one who answers. */
  | 'SURFACE_OWN_PROPOSAL'
  /** Something asked is still unanswered. */
  | 'SURFACE_ASKED'
  /** A narrowing that is none. */
  | 'SURFACE_NOT_NARROWER'
  /** Made for an older version of the agreement. */
  | 'SURFACE_VERSION_OLD'
  /** The time to answer, or of the agreement, is over. */
  | 'SURFACE_EXPIRED'
  /** Not a party of this agreement, or not the one that may do this. */
  | 'SURFACE_PARTY'
  /** A party whose key nobody has confirmed here. */
  | 'SURFACE_PARTY_UNKNOWN'
  /** A signed agreement changes by signed files alone. */
  | 'SURFACE_SIGNED'
  /** Not a surface file, not all of it, or beyond its limits. */
  | 'SURFACE_FILE_INVALID'
  /** The signature is not that of the party it names. */
  | 'SURFACE_FILE_FORGED'
  /** An earlier file of this party has not been taken yet. */
  | 'SURFACE_FILE_MISSING'
  /** Another file of the same number was taken. */
  | 'SURFACE_FILE_FORKED'
  /** The direction does not allow this party to send, or to receive. */
  | 'SURFACE_DIRECTION'
  /** A delivery of another agreement, another version, or for somebody else. */
  | 'SURFACE_DELIVERY_FOREIGN'
  /** A delivery with collections or fields outside the agreement. */
  | 'SURFACE_OUTSIDE'
  /** A delivery that was passed already, or is built on one that never came. */
  | 'SURFACE_DELIVERY_OLD'
  | 'SURFACE_FULL_NEEDED'
  /** The same surface is being exchanged just now. */
  | 'SURFACE_BUSY'
