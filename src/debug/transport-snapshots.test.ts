import { expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import type { BalancedTransport } from "../transport/balanced-transport.ts";
import type { TransportEvent } from "../transport/events/event-catalogue.ts";
import { EventReader } from "../transport/events/event-reader.ts";
import type { DebugSnapshot } from "./debug-snapshot.ts";
import { PacedAnswers } from "./paced-answers.ts";
import { TransportSnapshots } from "./transport-snapshots.ts";

/** A transport that takes so long to look at, and counts how often it is. */
function setUp(costMs = 0) {
  const clock = manualClock();
  const counted = { looks: 0, observers: 0 };
  const events = new EventReader(() => {});
  const transport = {
    inspect() {
      counted.looks++;
      clock.advance(costMs);
      return {
        target: "static:///x",
        endpoints: Array.from({ length: 1_200 }, (_, index) => ({ endpoint: testEndpoint({ id: `e${index}` }) })),
      };
    },
    observe() {
      counted.observers++;
      return { [Symbol.dispose]: () => counted.observers-- };
    },
    events: () => events,
  } as unknown as BalancedTransport;
  const snapshots = new TransportSnapshots(() => ({ name: "x", pid: 1, node: "v24", upForMs: 0 }), clock);
  const answers = new PacedAnswers(clock, clock.now);
  snapshots.add(transport);
  counted.looks = 0;
  const read = (place = 0) => {
    const query = `transport=${place}`;
    return JSON.parse(answers.text(query, () => snapshots.of(new URLSearchParams(query))) ?? "") as DebugSnapshot;
  };
  return { clock, counted, events, transport, snapshots, read };
}

test("however many look, a snapshot is taken once a second", () => {
  const { clock, counted, read } = setUp();
  for (let tenth = 0; tenth < 100; tenth++) {
    for (let viewer = 0; viewer < 5; viewer++) read();
    clock.advance(100);
  }
  expect(counted.looks).toBe(10);
});

test("who asks as soon as a snapshot says gets a new one", () => {
  const { clock, counted, read } = setUp(3);
  for (let look = 1; look <= 5; look++) {
    clock.advance(read().nextInMs);
    expect(counted.looks).toBe(look);
  }
});

test("however large a fleet is, snapshots take 2 % of the time at most, and are taken every five seconds", () => {
  const { clock, counted, read } = setUp(100);
  const startedAtMs = clock.now();
  while (clock.now() < startedAtMs + 60_000) clock.advance(read().nextInMs);
  expect((counted.looks * 100) / 60_000).toBeLessThanOrEqual(0.021);
  expect(counted).toMatchObject({ looks: 12, observers: 1 });
});

test("the 2 % are of all transports together", () => {
  const { clock, counted, transport, snapshots, read } = setUp(40);
  snapshots.add(transport);
  counted.looks = 0;
  for (let second = 0; second < 120; second++) {
    for (const place of [0, 1]) read(place);
    clock.advance(1_000);
  }
  expect((counted.looks * 40) / 120_000).toBeLessThanOrEqual(0.025);
});

test("calls are observed while somebody looks, and no longer", () => {
  const { clock, counted, read } = setUp();
  expect(counted.observers).toBe(0);
  for (let look = 0; look < 20; look++) {
    read();
    clock.advance(2_000);
    expect(counted.observers).toBe(1);
  }
  clock.advance(10_000);
  expect(counted.observers).toBe(0);
  read();
  expect(counted.observers).toBe(1);
});

test("events are kept from the start, the usual ones apart from the others", async () => {
  const { clock, events, read } = setUp();
  const endpoint = testEndpoint({ id: "e1" });
  events.push({ type: "endpointEjected", endpoint, reason: "it failed", forMs: 1_000 });
  for (let count = 0; count < 500; count++) events.push({ type: "endpointAdded", endpoint });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(5_000);
  const logged = read().transport?.events ?? [];
  expect(logged).toHaveLength(51);
  expect(logged[0]).toEqual({
    number: 1,
    agoMs: 5_000,
    type: "endpointEjected" satisfies TransportEvent["type"],
    level: "warn",
    message: "endpoint e1 ejected for 1000 ms: it failed",
    endpoint: "e1",
  });
});

test("of a very large fleet a thousand endpoints are listed, and the others counted", () => {
  const { read } = setUp();
  expect(read().transport).toMatchObject({ endpoints: { length: 1_000 }, endpointsLeftOut: 200 });
});

test("without a transport, there is the process alone", () => {
  const snapshots = new TransportSnapshots(() => ({ name: "x", pid: 1, node: "v24", upForMs: 0 }), manualClock());
  expect(snapshots.of(new URLSearchParams())).toMatchObject({ version: 1, targets: [], process: { name: "x" } });
});
