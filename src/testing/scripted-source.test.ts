import { expect, test } from "vitest";
import type { EndpointObserver } from "../discovery/endpoint-source.ts";
import { scriptedSource } from "./scripted-source.ts";
import { testEndpoint } from "./test-endpoint.ts";

const one = testEndpoint({ port: 1 });
const two = testEndpoint({ port: 2 });

function listener(): { readonly heard: string[]; readonly observer: EndpointObserver } {
  const heard: string[] = [];
  const observer: EndpointObserver = {
    onUpdate: ({ endpoints }) => heard.push(endpoints?.map((endpoint) => endpoint.id).join() ?? "does not exist"),
    onError: (error) => heard.push(error.message),
  };
  return { heard, observer };
}

/** Microtasks run in order: after this, those queued before it have run. */
const microtasks = () => Promise.resolve();

test("tells every open watch what the script says, and closed ones nothing more", () => {
  const source = scriptedSource();
  const [first, second] = [listener(), listener()];
  const watch = source.watch("a", first.observer);
  source.watch("b", second.observer);
  source.update([one, two]);
  source.error(new Error("lost"));
  watch.close();
  source.vanish();
  source.error(new Error("lost again"));
  expect(first.heard).toEqual(["127.0.0.1:1,127.0.0.1:2", "lost"]);
  expect(second.heard).toEqual(["127.0.0.1:1,127.0.0.1:2", "lost", "does not exist", "lost again"]);
});

test("a watch hears the latest update so far, once, and not before it was returned", async () => {
  const source = scriptedSource([one]);
  const [first, second] = [listener(), listener()];
  source.watch("a", first.observer);
  expect(first.heard).toEqual([]);
  await microtasks();
  source.update([two]);
  source.watch("b", second.observer);
  await microtasks();
  expect(first.heard).toEqual(["127.0.0.1:1", "127.0.0.1:2"]);
  expect(second.heard).toEqual(["127.0.0.1:2"]);
});

test("a watch that was updated or closed meanwhile hears no late first update", async () => {
  const source = scriptedSource([one]);
  const [updated, closed] = [listener(), listener()];
  source.watch("a", updated.observer);
  source.watch("b", closed.observer).close();
  source.update([two]);
  await microtasks();
  expect(updated.heard).toEqual(["127.0.0.1:2"]);
  expect(closed.heard).toEqual([]);
});

test("an observer that closes another watch silences it at once", () => {
  const source = scriptedSource();
  const silenced = listener();
  source.watch("a", { onUpdate: () => watch.close(), onError: () => {} });
  const watch = source.watch("b", silenced.observer);
  source.update([one]);
  expect(silenced.heard).toEqual([]);
});

test("records targets, refreshes and closes; a second close is none", () => {
  const source = scriptedSource();
  const watch = source.watch("checkout.shop:grpc", listener().observer);
  watch.refresh();
  watch.refresh();
  watch.close();
  watch.close();
  expect([source.targets, source.refreshes, source.closes]).toEqual([["checkout.shop:grpc"], 2, 1]);
});
