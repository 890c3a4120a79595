import { expect, test } from "vitest";
import { RecordingObserver } from "../../../test/control-plane/recording-observer.ts";
import { memoryRegistry } from "./memory-registry.ts";

test("tells each observer what there is, then that this is all, then what changes", () => {
  const registry = memoryRegistry({ "a.b:80": { endpoints: ["10.0.0.1:80"] } });
  const observer = new RecordingObserver();
  const watch = registry.watch(observer);
  registry.set("a.b:80", {});
  registry.delete("a.b:80");
  registry.delete("a.b:80");
  watch.close();
  registry.set("a.b:80", {});
  expect(observer.heard).toEqual(["a.b:80=10.0.0.1", "complete", "a.b:80=", "gone a.b:80"]);
});

test("is complete when it is told so", () => {
  const registry = memoryRegistry({}, false);
  const observer = new RecordingObserver();
  registry.watch(observer);
  registry.set("a.b:80", {});
  registry.complete();
  expect(observer.heard).toEqual(["a.b:80=", "complete"]);
});

test("refuses what is no service, and stays as it is", () => {
  const registry = memoryRegistry({ "a.b:80": { endpoints: ["10.0.0.1:80"] } });
  expect(() => registry.set("a.b", {})).toThrow(/expected service.namespace:port/);
  expect(() => registry.set("a.b:80", { endpoints: ["nonsense"] })).toThrow(/IP:port/);
  const observer = new RecordingObserver();
  registry.watch(observer);
  expect(observer.heard).toEqual(["a.b:80=10.0.0.1", "complete"]);
});
