import type { Endpoint, Outcome } from "meshless/balancer";
import { type ManualClock, manualClock, seededRandom, testEndpoint, testOutcome } from "meshless/testing";
import type { ClientBalancer, ContenderEnv, Oracle, ProbeAnswer } from "../contender.ts";

export interface FakeEnv extends ContenderEnv {
  readonly clock: ManualClock;
  /** Ids of the endpoints that were probed, in order. */
  readonly probed: string[];
}

export interface FakeEnvOptions {
  readonly seed?: number;
  readonly zone?: string;
  readonly clientsByZone?: Readonly<Record<string, number>>;
  /** What servers tell probes; undefined: no answer. Default: idle, at 10 ms. */
  readonly answer?: (endpointId: string) => ProbeAnswer | undefined;
  /** Default 1. */
  readonly probeRttMs?: number;
  readonly oracle?: Oracle;
}

/** For tests: an env in virtual time, whose probes are answered by the test. */
export function fakeEnv(options: FakeEnvOptions = {}): FakeEnv {
  const { seed = 1, zone, clientsByZone = {}, answer = () => ({ inFlight: 0, latencyMs: 10 }), probeRttMs = 1, oracle } = options;
  const clock = manualClock();
  const probed: string[] = [];
  return {
    clock,
    probed,
    random: seededRandom(seed),
    zone,
    clientsByZone: new Map(Object.entries(clientsByZone)),
    now: clock.now,
    after: (delayMs, act) => void clock.after(delayMs, act),
    probe(endpointId, onAnswer) {
      probed.push(endpointId);
      const told = answer(endpointId);
      if (told !== undefined) clock.after(probeRttMs, () => onAnswer(told));
    },
    oracle,
  };
}

/** Endpoints `e0`, `e1`, ..., in the zones by turns. */
export function endpoints(count: number, zones: readonly string[] = []): readonly Endpoint[] {
  return Array.from({ length: count }, (_, index) => {
    const zone = zones[index % zones.length];
    return testEndpoint({ id: `e${index}`, ...(zone === undefined ? {} : { locality: { region: "r", zone } }) });
  });
}

/** Makes calls that are over at once, and counts them by endpoint. */
export function callsByEndpoint(client: ClientBalancer, calls: number, outcome: Outcome = testOutcome("success")): Map<string, number> {
  const counts = new Map<string, number>();
  for (let call = 0; call < calls; call += 1) {
    const lease = client.acquire({ method: "" }, 0);
    if (lease === undefined) throw new Error("nobody was chosen");
    counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
    lease.settle(outcome, 0);
  }
  return counts;
}
