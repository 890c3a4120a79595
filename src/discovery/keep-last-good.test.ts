import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EndpointObserver } from "./endpoint-source.ts";
import { KeepLastGood } from "./keep-last-good.ts";
import { plainEndpoint } from "./plain-endpoint.ts";

const one = [plainEndpoint("10.0.0.1", 80)];
const two = [...one, plainEndpoint("10.0.0.2", 80)];

function record(): { told: string[]; observer: EndpointObserver } {
  const told: string[] = [];
  const observer: EndpointObserver = {
    onUpdate: ({ endpoints }) => told.push(`${endpoints?.length}`),
    onError: (error) => told.push(error.message),
    onNotice: ({ message }) => told.push(message),
  };
  return { told, observer };
}

test("an unchanged set is not told again, unless it ends a trouble", () => {
  const { told, observer } = record();
  const keep = new KeepLastGood(observer);
  for (const endpoints of [one, [...one], two, one, []]) keep.good(endpoints);
  expect(told).toEqual(["1", "2", "1", "0"]);
  keep.failed(new Error("lost"));
  keep.good([]);
  keep.good([]);
  expect(told.slice(4)).toEqual(["lost (keeping the last good set of 0)", "0"]);
});

test("a failure is an error and never an update, and a lasting one is told once", () => {
  const { told, observer } = record();
  const keep = new KeepLastGood(observer);
  for (const reason of ["lost", "lost", "late", "lost"]) keep.failed(new Error(reason));
  keep.good(two);
  for (const reason of ["lost", "lost"]) keep.failed(new Error(reason));
  keep.good(two);
  keep.failed(new Error("lost"));
  const kept = "lost (keeping the last good set of 2)";
  expect(told).toEqual(["lost", "late", "lost", "2", kept, "2", kept]);
});

test("a shortfall is told beside the set, once while it lasts", () => {
  const { told, observer } = record();
  const keep = new KeepLastGood(observer);
  const shortfall = new Error("one is missing");
  keep.good(one, shortfall);
  keep.good(one, shortfall);
  keep.good(one);
  keep.good(one, shortfall);
  expect(told).toEqual(["1", "one is missing", "1", "one is missing"]);
});

test("a notice is told once, and only to those who listen", () => {
  const { told, observer } = record();
  const keep = new KeepLastGood(observer);
  keep.notice({ code: "single-address", message: "single" });
  keep.notice({ code: "single-address", message: "single" });
  expect(told).toEqual(["single"]);
  const { onUpdate, onError } = observer;
  new KeepLastGood({ onUpdate, onError }).notice({ code: "single-address", message: "single" });
  expect(told).toEqual(["single"]);
});

test("after close the observer is left alone", () => {
  const { told, observer } = record();
  const keep = new KeepLastGood(observer);
  keep.close();
  keep.good(one);
  keep.failed(new Error("lost"));
  keep.notice({ code: "single-address", message: "single" });
  expect(told).toEqual([]);
});

const listeners = process.listeners("uncaughtException");
beforeEach(() => void process.removeAllListeners("uncaughtException"));
afterEach(() => {
  process.removeAllListeners("uncaughtException");
  for (const listener of listeners) process.on("uncaughtException", listener);
});

test("an observer that throws surfaces as an uncaught exception, and is called again", async () => {
  const uncaught = once(process, "uncaughtException");
  const { told, observer } = record();
  const bug = new Error("a bug of the observer");
  const keep = new KeepLastGood({
    ...observer,
    onUpdate: () => {
      throw bug;
    },
  });
  keep.good(one);
  keep.failed(new Error("lost"));
  expect(told).toEqual(["lost (keeping the last good set of 1)"]);
  expect((await uncaught)[0]).toBe(bug);
});
