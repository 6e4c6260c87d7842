/**
 * The body of a request as it arrives. However small its pieces are, it takes no more memory than twice its bytes: a list
 * of them would cost a hundred times as much for a body that comes byte by byte.
 */
export class BodyBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** How many bytes have arrived. */
  get length(): number {
    return this.#length;
  }

  /** Adds a piece; it must not change afterwards. */
  append(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) {
      // Often the only one: it is not copied.
      this.#bytes = piece;
    } else {
      if (length > this.#bytes.length) {
        this.#grow(length);
      }
      piece.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  /** The body as it arrived. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The body as UTF-8 text. */
  toString(): string {
    return this.#bytes.toString("utf8", 0, this.#length);
  }

  #grow(length: number): void {
    // What is not written yet is never read: `toString` ends at the length.
    const bytes = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }
}
