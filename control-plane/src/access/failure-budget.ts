interface Limits {
  /** So many failures at once. */
  readonly burst: number;
  /** So many of them are forgiven each second. */
  readonly perSecond: number;
  /** So many addresses are remembered. */
  readonly maxAddresses: number;
}

/** How often each address may fail. Who has spent it has to wait, and nobody else has. */
export class FailureBudget {
  readonly #limits: Limits;
  /** When all failures of an address will be forgiven. */
  readonly #forgivenAtMs = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  isSpent(address: string, nowMs: number): boolean {
    const { burst, perSecond } = this.#limits;
    return (this.#forgivenAtMs.get(address) ?? nowMs) - nowMs > ((burst - 1) / perSecond) * 1_000;
  }

  failed(address: string, nowMs: number): void {
    const forgivenAtMs = Math.max(this.#forgivenAtMs.get(address) ?? nowMs, nowMs) + 1_000 / this.#limits.perSecond;
    this.#forgivenAtMs.delete(address);
    this.#forgivenAtMs.set(address, forgivenAtMs);
    // Whoever failed least recently has been forgiven most.
    const [oldest] = this.#forgivenAtMs.keys();
    if (this.#forgivenAtMs.size > this.#limits.maxAddresses && oldest !== undefined) this.#forgivenAtMs.delete(oldest);
  }
}
