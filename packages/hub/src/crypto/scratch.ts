/**
 * Bytes on their way into a cipher, which takes them over at once. A buffer made for each short part of every row costs as much as
 * encrypting the row, so the parts are written into one block, and each view of it is made once.
 */
const BYTES = 8_192
/** No character takes more in UTF-8, and none in base64. */
const MOST_BYTES_PER_CHARACTER = 3

export class Scratch {
  readonly #block = Buffer.allocUnsafeSlow(BYTES)
  /** The block's beginning, by length. */
  readonly #beginnings: Buffer[] = []

  /** The text's bytes, good until the next call. Text that might not fit gets a buffer of its own. */
  bytesOf(text: string, encoding: 'utf8' | 'base64'): Buffer {
    if (text.length * MOST_BYTES_PER_CHARACTER > BYTES) return Buffer.from(text, encoding)
    return this.#beginning(this.#block.write(text, encoding))
  }

  /** The UTF-8 of both texts in one run, good until the next call. Joined as texts they would be copied once more. */
  bytesOfBoth(first: string, second: string): Buffer {
    if ((first.length + second.length) * MOST_BYTES_PER_CHARACTER > BYTES) return Buffer.from(first + second)
    const length = this.#block.write(first)
    return this.#beginning(length + this.#block.write(second, length))
  }

  /** Both in one run, good until the next call. */
  joined(first: Buffer, second: Buffer): Buffer {
    const length = first.length + second.length
    if (length > BYTES) return Buffer.concat([first, second])
    this.#block.set(first)
    this.#block.set(second, first.length)
    return this.#beginning(length)
  }

  #beginning(length: number): Buffer {
    return (this.#beginnings[length] ??= this.#block.subarray(0, length))
  }
}
