/**
 * gRPC's throttle of repeats (A6): tokens of a target, of which each failure takes one and each success gives a fraction back. It tells trouble by its share of
 * the calls, where a budget tells it by the share of the repeats.
 */
export class RetryThrottle {
  readonly #maxTokens: number;
  readonly #tokenRatio: number;
  #tokens: number;

  /** @param tokenRatio of which gRPC reads three decimals */
  constructor({ maxTokens, tokenRatio }: { readonly maxTokens: number; readonly tokenRatio: number }) {
    this.#maxTokens = maxTokens;
    this.#tokenRatio = Math.floor(tokenRatio * 1_000) / 1_000;
    this.#tokens = maxTokens;
  }

  get allows(): boolean {
    return this.#tokens > this.#maxTokens / 2;
  }

  onSuccess(): void {
    this.#tokens = Math.min(this.#maxTokens, this.#tokens + this.#tokenRatio);
  }

  onFailure(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }
}
