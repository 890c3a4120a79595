import { expect, test } from "vitest";
import { ConfigurationError } from "../configuration-error.ts";
import type { EndpointUpdate } from "./endpoint-source.ts";
import { staticSource } from "./static-source.ts";

const refuse = (error: Error): void => expect.unreachable(error.message);

test("tells its endpoints once, after watch returned, to each watch", async () => {
  const updates: EndpointUpdate[] = [];
  const source = staticSource([{ address: "10.0.0.1", port: 80, weight: 3 }, "10.0.0.2:80"]);
  const observer = { onUpdate: (update: EndpointUpdate) => void updates.push(update), onError: refuse };
  source.watch("anything", observer);
  source.watch("else", observer).refresh();
  expect(updates).toEqual([]);
  await Promise.resolve();
  expect(updates.map(({ exists, endpoints }) => [exists, endpoints.map(({ id, weight }) => `${id} ${weight}`)])).toEqual([
    [true, ["10.0.0.1:80 3", "10.0.0.2:80 1"]],
    [true, ["10.0.0.1:80 3", "10.0.0.2:80 1"]],
  ]);
});

test("reads a target's text", async () => {
  const update = await new Promise<EndpointUpdate>((onUpdate) => {
    staticSource("10.0.0.1:80, [::1]:81").watch("", { onUpdate, onError: refuse });
  });
  expect(update.endpoints.map(({ id }) => id)).toEqual(["10.0.0.1:80", "[::1]:81"]);
});

test("after close it tells nothing", async () => {
  const updates: EndpointUpdate[] = [];
  staticSource("10.0.0.1:80")
    .watch("", { onUpdate: (update) => void updates.push(update), onError: refuse })
    .close();
  await Promise.resolve();
  expect(updates).toEqual([]);
});

test("a bad endpoint is refused at once", () => {
  const message = `endpoints[1]: expected "host:port" with a port from 1 to 65535, IPv6 in brackets, got ""`;
  expect(() => staticSource("10.0.0.1:80,")).toThrow(new ConfigurationError(message));
});
