import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fault } from "./model-apiserver.ts";
import { type Condition, RegisteredServices } from "./registered-services.ts";

const numRuns = Number(process.env.MESHLESS_PROPERTY_RUNS ?? (process.env.CI ? 2_000 : 300));

type Deed = (registered: RegisteredServices) => unknown;

const service = fc.constantFrom("web", "api");
const slice = fc.integer({ min: 1, max: 3 });
const condition = fc.constantFrom<Condition>("ready", "unready", "draining", "dead");
const pods = fc.uniqueArray(fc.tuple(fc.integer({ min: 2, max: 6 }), condition), { selector: ([pod]) => pod, maxLength: 4 });
const port = (name: string, port: number) => ({ name, port, protocol: "TCP", targetPort: 8080 });
/** One that has a second port, and one that wants pods that are not ready. */
const spec = fc.constantFrom({}, { ports: [port("grpc", 80), port("admin", 81)] }, { publishNotReadyAddresses: true });

const change: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(service, slice, pods).map(
      (args): Deed =>
        (it) =>
          it.setSlice(...args),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(service, slice).map(
      (args): Deed =>
        (it) =>
          it.deleteSlice(...args),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(service, spec).map(
      (args): Deed =>
        (it) =>
          it.setService(...args),
    ),
  },
  fc.constant<Deed>((it) => it.deleteService("api")),
  { weight: 2, arbitrary: fc.constant<Deed>((it) => it.move()) },
);

const refusal: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom("refuse" as const, "hang" as const, "garbage" as const),
  fc.record({ status: fc.constantFrom(401, 410, 429, 500, 504), retryAfterMs: fc.constantFrom(0, 1_000, 20_000) }),
);
const fault: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 2,
    arbitrary: refusal.map(
      (each): Deed =>
        ({ apiserver }) =>
          apiserver.faults.push(each),
    ),
  },
  {
    weight: 10,
    arbitrary: fc.constantFrom<Deed>(
      ({ apiserver }) => apiserver.end(),
      ({ apiserver }) => apiserver.end(new Error("reset")),
      ({ apiserver }) => apiserver.cut(),
      ({ apiserver }) => apiserver.stall(),
      ({ apiserver }) => apiserver.compact(),
      ({ apiserver }) => void Object.assign(apiserver, { hasWatchList: !apiserver.hasWatchList }),
      ({ apiserver }) => apiserver.kill(),
      ({ apiserver }) => apiserver.stop(),
      ({ apiserver }) => apiserver.fallBehind(),
      ({ apiserver }) => apiserver.goOn(),
      (it) => it.failOver(),
    ),
  },
);

const pause: fc.Arbitrary<Deed> = fc.constantFrom(1, 60, 150, 5_000).map((ms) => (it) => it.pass(ms, ms > 1_000 ? 1_000 : 10));

const deed = fc.oneof({ weight: 13, arbitrary: change }, { weight: 9, arbitrary: fault }, { weight: 5, arbitrary: pause });

test("whatever happens, services become what Kubernetes has; what is always ready is always there, and nothing is emptied that was not empty", {
  timeout: 240_000,
}, async () => {
  const emptied = { told: 0, true: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 25, size: "max" }), fc.nat(), async (deeds, seed) => {
      const it = new RegisteredServices(seed);
      for (const act of deeds) {
        await act(it);
        await it.pass(1, 1);
      }
      for (const apiserver of it.apiservers) {
        apiserver.faults.length = 0;
        apiserver.goOn();
      }
      await it.pass(240_000, 5_000);
      await it.pass(400, 50);
      it.close();
      expect(it.isComplete).toBe(true);
      expect(new Map([...it.told].sort())).toEqual(new Map([...it.expected()].sort()));
      const always = ["10.0.0.1", "10.0.0.7"];
      expect(it.ofWeb.filter((text) => !always.every((address) => text.split(" ").includes(address)))).toEqual([]);
      expect(it.emptied.told).toBeLessThanOrEqual(it.emptied.true);
      emptied.told += it.emptied.told;
      emptied.true += it.emptied.true;
    }),
    { numRuns },
  );
  console.log(`${numRuns} sequences: services became empty ${emptied.true} times, and were told to be ${emptied.told} times`);
});
