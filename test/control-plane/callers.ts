import { faultTime } from "../support/fault-time.ts";
import { type Awaited, ConstantCaller, type Shares } from "./constant-caller.ts";
import type { Peer } from "./peer.ts";

/** Several peers, each of which calls without a pause. */
export class Callers implements AsyncDisposable {
  readonly #callers: ReadonlyMap<string, ConstantCaller>;

  private constructor(callers: ReadonlyMap<string, ConstantCaller>) {
    this.#callers = callers;
  }

  static async start(peers: readonly Peer[], controlPlanePort: number, service: string): Promise<Callers> {
    const started = peers.map(async ({ name, start }) => [name, new ConstantCaller(await start(controlPlanePort, service))] as const);
    return new Callers(new Map(await Promise.all(started)));
  }

  /** Calls of all peers, answered or not. */
  get calls(): number {
    return this.#callers.values().reduce((sum, { calls }) => sum + calls, 0);
  }

  /** By peer. */
  get failures(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#callers].flatMap(([name, { failures }]) => (failures.length > 0 ? [[name, failures]] : [])));
  }

  set during(step: string) {
    for (const [name, caller] of this.#callers) caller.during = `${name}, ${step}`;
  }

  /** Resolves once the condition has held for each of them. */
  async until(condition: (share: Shares) => boolean, options?: Awaited): Promise<void> {
    await Promise.all(this.#callers.values().map((caller) => caller.until(condition, options)));
  }

  /** The share of a server in so many calls of each peer, from now on. */
  async sharesOf(server: string, answers: number): Promise<Readonly<Record<string, number>>> {
    const shares = [...this.#callers].map(async ([name, caller]) => [name, (await caller.next(answers))(server)] as const);
    return Object.fromEntries(await Promise.all(shares));
  }

  /** Resolves when each of them has had some hundred answers more. */
  async carryOn(): Promise<void> {
    await Promise.all([...this.#callers.values().map((caller) => caller.next(100)), faultTime()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#callers.values().map((caller) => caller[Symbol.asyncDispose]()));
  }
}
