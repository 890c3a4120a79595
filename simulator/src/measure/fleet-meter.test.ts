import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import { FleetMeter } from "./fleet-meter.ts";

const always = { fromMs: 0, toMs: Infinity };

function metered(servers: readonly { inFlight: number; busyShare: number; presence: { fromMs: number; toMs: number } }[]) {
  const time = new VirtualTime();
  const meter = new FleetMeter(
    time,
    servers.map(({ inFlight, busyShare, presence }) => ({
      presence,
      server: {
        inFlight,
        get busyMs() {
          return busyShare * (Math.min(time.nowMs, presence.toMs) - Math.min(time.nowMs, presence.fromMs));
        },
      },
    })),
    1_000,
    5_000,
  );
  meter.start();
  time.run(() => false);
  return meter;
}

test("utilization is the busy share of the measured time in which the server was there", () => {
  const meter = metered([
    { inFlight: 0, busyShare: 0.5, presence: always },
    { inFlight: 0, busyShare: 0.5, presence: { fromMs: 4_000, toMs: Infinity } },
    { inFlight: 0, busyShare: 0.5, presence: { fromMs: 0, toMs: 2_000 } },
    { inFlight: 0, busyShare: 0.5, presence: { fromMs: 6_000, toMs: Infinity } },
  ]);
  expect([0, 1, 2, 3].map((server) => meter.utilization(server))).toEqual([0.5, 0.5, 0.5, 0]);
});

test("calls in flight are looked at for every server that is there, all the time", () => {
  const meter = metered([
    { inFlight: 1, busyShare: 0, presence: always },
    { inFlight: 2_000, busyShare: 0, presence: { fromMs: 0, toMs: 2_000 } },
  ]);
  // 400 looks at one, 100 at the other.
  expect(meter.inFlightQuantile(0.79)).toBe(1);
  expect(meter.inFlightQuantile(0.81)).toBe(2_000);
});
