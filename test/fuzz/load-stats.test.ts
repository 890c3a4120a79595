import { expect, it } from "vitest";
import { LoadStatsRequestSchema } from "../../control-plane/src/gen/envoy/service/load_stats/v3/lrs_pb.ts";
import { LoadReports } from "../../control-plane/src/load/load-reports.ts";
import type { LoadSeries } from "../../control-plane/src/load/load-series.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { decoded } from "./decoded.ts";
import { fuzz } from "./fuzz.ts";

const services = new Set(["a.b:80", "c.d:80"]);
const connection = { peer: "10.0.0.7:51000", names: [], isCertified: false, retire() {} };
/** A counter of metrics takes the name of a series as it is. */
const label = /^[^\p{Cc}]{0,128}$/u;

function expectCount(count: number): void {
  expect(Number.isInteger(count) && count > 0 && count <= 1e9).toBe(true);
}

it("whatever a client reports of its load is counted for services that there are, in numbers and series that are bounded", async () => {
  const seen = new Set<string>();
  const reports = new LoadReports({
    intervalMs: 1_000,
    maxStreams: 1,
    maxAgeMs: 1_000,
    clock: manualClock(),
    random: () => 0,
    services,
    observer: {
      reported() {},
      calls({ service, region, zone }: LoadSeries, _outcome, count) {
        expectCount(count);
        for (const text of [region, zone]) expect(label.test(text) && text.isWellFormed()).toBe(true);
        seen.add(JSON.stringify([service, region, zone]));
      },
      dropped(service, count) {
        expectCount(count);
        expect(service === "other" || services.has(service)).toBe(true);
      },
    },
  });
  await fuzz(
    "load-stats",
    async (input) => {
      const request = decoded(LoadStatsRequestSchema, input);
      if (request === undefined) return;
      const requests = (async function* () {
        yield request;
      })();
      const responses = await Array.fromAsync(reports.carry(requests, connection, new AbortController().signal));
      expect(responses).toHaveLength(1);
    },
    0.5,
  );
  // 64 localities and one for the rest for each service, and one for all that is no service.
  expect(seen.size).toBeLessThanOrEqual(2 * 65 + 1);
  expect([...seen].every((series) => ["other", ...services].includes(JSON.parse(series)[0]))).toBe(true);
});
