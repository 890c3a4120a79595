import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../support/property-runs.ts";
import type { Fault } from "./model-apiserver.ts";
import { collectionPath, Reflected } from "./reflected.ts";

const numRuns = propertyRuns(1_000);

type Deed = (reflected: Reflected) => void | Promise<void>;

const uid = fc.constantFrom("a", "b", "c", "d");
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom("refuse" as const, "hang" as const, "garbage" as const),
  fc.record({ status: fc.constantFrom(401, 403, 410, 422, 429, 500, 503, 504), retryAfterMs: fc.constantFrom(0, 1_000, 20_000) }),
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(uid, fc.nat(9)).map(
      ([uid, text]): Deed =>
        (reflected) =>
          reflected.put(uid, `${text}`),
    ),
  },
  {
    weight: 3,
    arbitrary: uid.map(
      (uid): Deed =>
        (reflected) =>
          reflected.delete(uid),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(1, 500, 5_000, 40_000).map(
      (ms): Deed =>
        (reflected) =>
          reflected.pass(ms, 10_000),
    ),
  },
  {
    weight: 2,
    arbitrary: fault.map(
      (fault): Deed =>
        ({ apiserver }) =>
          void apiserver.faults.push(fault),
    ),
  },
  fc.constantFrom<Deed>(
    ({ apiserver }) => apiserver.end(),
    ({ apiserver }) => apiserver.end(new Error("reset")),
    ({ apiserver }) => apiserver.cut(),
    ({ apiserver }) => apiserver.stall(),
    ({ apiserver }) => apiserver.compact(),
    ({ apiserver }) => apiserver.say("half a"),
    ({ apiserver }) => apiserver.say('{"type":"ERROR","object":{"code":500}}'),
    ({ apiserver }) => void Object.assign(apiserver, { hasWatchList: !apiserver.hasWatchList }),
    ({ apiserver }) => void Object.assign(apiserver, { pageItems: 3 - apiserver.pageItems }),
  ),
);

test("whatever happens, the copy becomes what there is, and what is always there never leaves it", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 30 }), fc.nat(), async (deeds, seed) => {
      const reflected = new Reflected(seed, {}, (apiserver) => {
        apiserver.put(collectionPath, { metadata: { uid: "anchor" }, text: "there" });
        apiserver.pageItems = 2;
      });
      for (const act of deeds) {
        await act(reflected);
        await reflected.turn();
        if (reflected.reflector.status.lists > 0) expect(reflected.copy.get("anchor")).toBe("there");
      }
      reflected.apiserver.faults.length = 0;
      await reflected.pass(240_000, 5_000);
      reflected.reflector.close();
      expect(new Map([...reflected.copy].sort())).toEqual(new Map([...reflected.expected()].sort()));
      expect(reflected.heard).not.toContain("-anchor");
      expect(reflected.heard.filter((text) => text === "synced")).toHaveLength(1);
    }),
    { numRuns },
  );
});
