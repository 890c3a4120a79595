import { seededRandom } from "meshless/testing";
import { expect, test } from "vitest";
import { VirtualTime } from "../engine/virtual-time.ts";
import { startAntagonist } from "./antagonist.ts";
import { Pace } from "./pace.ts";
import { SimServer } from "./sim-server.ts";

test("capacity is log-normal around its median, never below the floor, and remembers for its correlation time", () => {
  const time = new VirtualTime();
  const server = new SimServer("pod-0", 0, { name: "pod", count: 1, cores: 2 }, time);
  server.state = "serving";
  startAntagonist({ median: 2, sigma: 0.3, floor: 1.1, everyMs: 1_000, correlationMs: 10_000 }, new Pace(server), time, seededRandom(1));
  const logs: number[] = [];
  for (let second = 1; second <= 50_000; second += 1) time.at(second * 1_000, () => logs.push(Math.log(server.workingCores / 2)));
  time.run(() => time.nextAtMs > 50_000_000);
  const sorted = [...logs].sort((a, b) => a - b);
  expect(Math.exp(sorted[25_000] as number)).toBeCloseTo(2, 1);
  expect(Math.exp(sorted[0] as number)).toBeCloseTo(1.1, 9);
  expect((sorted[42_067] as number) - (sorted[25_000] as number)).toBeCloseTo(0.3, 1.5);
  const centred = logs.map((log) => log - Math.log(2));
  const autocovariance = (lag: number) => centred.slice(lag).reduce((sum, log, i) => sum + log * (centred[i] as number), 0);
  expect(autocovariance(10) / autocovariance(0)).toBeCloseTo(Math.exp(-1), 1);
});
