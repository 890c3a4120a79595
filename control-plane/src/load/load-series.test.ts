import { expect, test } from "vitest";
import { LoadSeriesSet } from "./load-series.ts";

const other = { region: "other", zone: "other" };

test("a service has its localities, and one more for what there is no room for", () => {
  const series = new LoadSeriesSet({ maxLocalities: 2, maxSeries: 100 });
  const zones = ["a", "b", "c", "a"].map((zone) => series.of("a.b:80", { region: "r", zone }));
  expect(zones.map(({ zone }) => zone)).toEqual(["a", "b", "other", "a"]);
  expect(zones[2]).toEqual({ service: "a.b:80", ...other });
  expect(series.of("c.d:80")).toEqual({ service: "c.d:80", region: "", zone: "" });
});

test("all services together have so many, and what comes then counts as one", () => {
  const series = new LoadSeriesSet({ maxLocalities: 2, maxSeries: 3 });
  for (let index = 0; index < 100; index++) series.of(`s${index}.b:80`, { region: "", zone: "" });
  expect(series.of("s0.b:80").service).toBe("s0.b:80");
  expect(series.of("s99.b:80")).toEqual({ service: "other", ...other });
});

test("labels have no control characters, and an end", () => {
  const { zone } = new LoadSeriesSet({ maxLocalities: 2, maxSeries: 3 }).of("a.b:80", { region: "", zone: `\n${"z".repeat(1_000)}` });
  expect(zone).toBe("z".repeat(128));
});
