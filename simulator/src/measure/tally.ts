/** What is counted in a part of the time, by the arrival of calls. */
export class Tally {
  readonly fromMs: number;
  readonly toMs: number;
  /** By the server's place in the fleet. */
  readonly taken: Float64Array;
  readonly errors: Float64Array;
  #attempts = 0;
  #crossZone = 0;
  #bounces = 0;

  constructor(fromMs: number, toMs: number, servers: number) {
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.taken = new Float64Array(servers);
    this.errors = new Float64Array(servers);
  }

  get attempts(): number {
    return this.#attempts;
  }

  get bounces(): number {
    return this.#bounces;
  }

  get crossZoneShare(): number {
    return this.#attempts === 0 ? 0 : this.#crossZone / this.#attempts;
  }

  covers(atMs: number): boolean {
    return atMs >= this.fromMs && atMs < this.toMs;
  }

  addAttempt(crossesZones: boolean): void {
    this.#attempts += 1;
    if (crossesZones) this.#crossZone += 1;
  }

  addTaken(server: number): void {
    this.taken[server] = (this.taken[server] as number) + 1;
  }

  addError(server: number): void {
    this.errors[server] = (this.errors[server] as number) + 1;
  }

  addBounce(): void {
    this.#bounces += 1;
  }
}
