/**
 * A 64-bit word that is changed in place, as two signed 32-bit halves. A `bigint` would be shorter to write, but each step on one
 * allocates another. Sums and products are taken modulo 2^64; every method returns the word itself.
 */
export class Word64 {
  high: number;
  low: number;

  constructor(high = 0, low = 0) {
    this.high = high | 0;
    this.low = low | 0;
  }

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  copy(other: Word64): this {
    return this.set(other.high, other.low);
  }

  xor(other: Word64): this {
    this.high ^= other.high;
    this.low ^= other.low;
    return this;
  }

  add(other: Word64): this {
    const low = (this.low >>> 0) + (other.low >>> 0);
    this.high = (this.high + other.high + (low > 0xffffffff ? 1 : 0)) | 0;
    this.low = low | 0;
    return this;
  }

  multiply(other: Word64): this {
    const carried = highProduct(this.low, other.low);
    this.high = (carried + Math.imul(this.high, other.low) + Math.imul(this.low, other.high)) | 0;
    this.low = Math.imul(this.low, other.low);
    return this;
  }

  /** @param bits 1 to 31 */
  rotateLeft(bits: number): this {
    const { high, low } = this;
    this.high = (high << bits) | (low >>> (32 - bits));
    this.low = (low << bits) | (high >>> (32 - bits));
    return this;
  }

  /** The word, xor itself moved right by so many bits. @param bits 1 to 63 */
  xorShiftRight(bits: number): this {
    const { high } = this;
    if (bits >= 32) {
      this.low ^= high >>> (bits - 32);
      return this;
    }
    this.low ^= (this.low >>> bits) | (high << (32 - bits));
    this.high ^= high >>> bits;
    return this;
  }

  /** The upper 53 bits of the unsigned word, as many as a number holds exactly: what remains of its order. */
  top53(): number {
    return (this.high >>> 0) * 2 ** 21 + (this.low >>> 11);
  }

  /** What remains of the unsigned word. @param divisor a whole number, 1 to 2^26, so that every step is exact */
  modulo(divisor: number): number {
    return (((this.high >>> 0) % divisor) * (2 ** 32 % divisor) + ((this.low >>> 0) % divisor)) % divisor;
  }
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers: by halves, since a number holds 53 bits. */
function highProduct(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return aHigh * bHigh + (middle >>> 16) + ((aLow * bHigh + (middle & 0xffff)) >>> 16);
}
