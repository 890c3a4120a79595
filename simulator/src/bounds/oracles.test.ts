import { expect, test } from "vitest";
import type { Contender, Oracle } from "../contender.ts";
import { endpoints, fakeEnv } from "../contenders/fake-env.ts";
import { exactJsq, omniscient } from "./oracles.ts";

interface ServerState {
  readonly inFlight: number;
  readonly capacity: number;
  readonly slowness: number;
}

/** How often each of the servers is chosen, of 300 calls. */
function chosen(contender: Contender, servers: Readonly<Record<string, ServerState>>, avoid?: ReadonlySet<string>): Record<string, number> {
  const of = (id: string) => servers[id] as ServerState;
  const oracle: Oracle = {
    inFlight: (id) => of(id).inFlight,
    capacity: (id) => of(id).capacity,
    slowness: (id) => of(id).slowness,
  };
  const client = contender.create(fakeEnv({ oracle }));
  client.update(endpoints(Object.keys(servers).length), 0);
  const counts: Record<string, number> = {};
  for (let call = 0; call < 300; call += 1) {
    const id = client.acquire({ method: "", avoid }, 0)?.endpoint.id ?? "nobody";
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

const at = (inFlight: number, capacity = 4, slowness = 1): ServerState => ({ inFlight, capacity, slowness });

test("exact JSQ joins the shortest queue, and shorter queues of equal length alike", () => {
  expect(chosen(exactJsq, { e0: at(3), e1: at(1, 1, 9), e2: at(2) })).toEqual({ e1: 300 });
  const { e0 = 0, e2 = 0, e3 = 0, ...others } = chosen(exactJsq, { e0: at(1), e1: at(2), e2: at(1), e3: at(1) });
  for (const count of [e0, e2, e3]) expect(Math.abs(count - 100)).toBeLessThan(30);
  expect(others).toEqual({});
});

test("the omniscient one weighs queue, capacity and speed", () => {
  // 10/4 = 2.5 times the work, 6/2 = 3 times, and 2 times for being slow.
  expect(chosen(omniscient, { e0: at(9), e1: at(5, 2), e2: at(0, 4, 2) })).toEqual({ e2: 300 });
  expect(chosen(omniscient, { e0: at(9), e1: at(5, 2), e2: at(0, 4, 2.6) })).toEqual({ e0: 300 });
  // The call itself takes a place: the fifth on four cores.
  expect(chosen(omniscient, { e0: at(4), e1: at(0, 4, 1.2) })).toEqual({ e1: 300 });
});

test("of servers that have a core to spare, the omniscient one takes the emptiest, whatever their number of calls", () => {
  expect(chosen(omniscient, { e0: at(2, 4), e1: at(3, 8), e2: at(1, 2) })).toEqual({ e1: 300 });
});

test("the omniscient one leaves alone who can do nothing, unless nobody else is there", () => {
  expect(chosen(omniscient, { e0: at(0, 0), e1: at(50) })).toEqual({ e1: 300 });
  expect(chosen(omniscient, { e0: at(0, 0), e1: at(50) }, new Set(["e1"]))).toEqual({ e0: 300 });
  expect(chosen(omniscient, { e0: at(0, 0), e1: at(50) }, new Set(["e0", "e1"]))).toEqual({ nobody: 300 });
});

test("a bound without an oracle says what is missing", () => {
  expect(() => exactJsq.create(fakeEnv())).toThrow("a bound needs an oracle: run it in the simulator");
});
