import { createHash } from 'node:crypto';

/** Doubles kept before they are hashed: 64 KiB. */
const CAPACITY = 8_192;
const LAST_ASCII = 0x7f;

/**
 * SHA-256 over a stream of doubles and texts. Doubles go into one preallocated array, so that writing them allocates
 * nothing; a text is its length in bytes, then its UTF-8, padded with zeros to a whole double.
 */
export class DigestStream {
  private readonly numbers = new Float64Array(CAPACITY);
  private readonly bytes = Buffer.from(this.numbers.buffer);
  private readonly hash = createHash('sha256');
  private used = 0;

  three(a: number, b: number, c: number): void {
    if (this.used + 3 > CAPACITY) this.flush();
    const { numbers, used } = this;
    numbers[used] = a;
    numbers[used + 1] = b;
    numbers[used + 2] = c;
    this.used = used + 3;
  }

  number(value: number): void {
    if (this.used === CAPACITY) this.flush();
    this.numbers[this.used] = value;
    this.used += 1;
  }

  /** One double says whether a value follows. */
  optional(value: number | undefined): void {
    this.number(value === undefined ? 0 : 1);
    if (value !== undefined) this.number(value);
  }

  text(value: string): void {
    if (this.plainText(value)) return;
    const length = Buffer.byteLength(value, 'utf8');
    const room = Math.ceil(length / 8);
    this.number(length);
    if (this.used + room > CAPACITY) this.flush();
    if (room > CAPACITY) {
      this.hash.update(Buffer.from(value.padEnd(value.length + room * 8 - length, '\0'), 'utf8'));
      return;
    }
    if (room > 0) this.numbers[this.used + room - 1] = 0;
    this.bytes.write(value, this.used * 8, 'utf8');
    this.used += room;
  }

  optionalText(value: string | undefined): void {
    this.number(value === undefined ? 0 : 1);
    if (value !== undefined) this.text(value);
  }

  /** Hex digest of all so far, and of what would come next; the stream goes on without that. */
  digest(next: readonly number[] = []): string {
    this.flush();
    return this.hash
      .copy()
      .update(new Uint8Array(Float64Array.from(next).buffer))
      .digest('hex');
  }

  /**
   * Short ASCII, which nearly every text is, without leaving JavaScript. False, with nothing written, for any other.
   */
  private plainText(value: string): boolean {
    const { length } = value;
    const end = this.used + 1 + Math.ceil(length / 8);
    if (end > CAPACITY) return false;
    const { bytes, numbers, used } = this;
    numbers[end - 1] = 0;
    const start = (used + 1) * 8;
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i);
      if (code > LAST_ASCII) return false;
      bytes[start + i] = code;
    }
    numbers[used] = length;
    this.used = end;
    return true;
  }

  private flush(): void {
    if (this.used > 0) this.hash.update(this.bytes.subarray(0, this.used * 8));
    this.used = 0;
  }
}
