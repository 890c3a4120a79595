import type { Balancer, RandomSource } from "meshless/balancer";

/** What a simulated client asks of its balancer: the part of {@link Balancer} that a transport uses for calls. */
export type ClientBalancer = Pick<Balancer, "update" | "acquire" | "observe">;

/** The load that a server tells a probe. */
export interface ProbeAnswer {
  readonly inFlight: number;
  /** Median of recent latencies at about this many in flight, in ms; server side, without the network. Undefined: none known. */
  readonly latencyMs: number | undefined;
}

/** The true state of every server at this moment: for bounds only, nothing in the world can know it. */
export interface Oracle {
  /** Attempts that the server has yet to finish, those on their way to it included: counted from dispatch until the server is done. */
  inFlight(endpointId: string): number;
  /** Cores that it has now, the antagonist's share taken off; 0 while it hangs, is down or gone, or was never there. */
  capacity(endpointId: string): number;
  /** How many times as long as at full speed its work takes now: slowdown, cold start and faults together. 1 is full speed. */
  slowness(endpointId: string): number;
}

/** What a contender may use. Meshless itself needs chance alone; peers also have timers and probes. */
export interface ContenderEnv {
  /** This client's own stream: nothing else draws from it. */
  readonly random: RandomSource;
  readonly zone: string | undefined;
  /** How many clients are in each zone, as a control plane tells Envoy. */
  readonly clientsByZone: ReadonlyMap<string | undefined, number>;
  now(): number;
  /** Virtual time. */
  after(delayMs: number, act: () => void): void;
  /** Sends a probe; one that finds nobody is never answered. Counted in the results. */
  probe(endpointId: string, onAnswer: (answer: ProbeAnswer) => void): void;
  /** Only what draws a bound looks here. Undefined: the run offers none. */
  readonly oracle?: Oracle | undefined;
}

/** A way to balance. */
export interface Contender {
  /** For tables and command lines, such as `peak-ewma`. */
  readonly name: string;
  /** One sentence: what it is, after whom, with which settings. */
  readonly description: string;
  create(env: ContenderEnv): ClientBalancer;
  /** Its calls may be turned away by a server above its limit, as often as the permits of meshless say. Default false. */
  readonly mayBounce?: boolean;
}
