import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { silentLogger } from "../logger.ts";
import { testEndpoint } from "../testing/test-endpoint.ts";
import { EventHub, type TransportEvent } from "./transport-events.ts";

const endpoint = testEndpoint();
const opened: TransportEvent = { type: "sessionOpened", endpoint };
const ejected: TransportEvent = { type: "endpointEjected", endpoint, reason: "5 failures in a row", forMs: 1_000 };

test("every reader gets every event from the moment that it asked", async () => {
  const hub = new EventHub("static:///x", silentLogger);
  const early = hub.events();
  hub.emit(opened);
  const late = hub.events();
  hub.emit(ejected);
  hub.close();
  expect(await Array.fromAsync(early)).toEqual([opened, ejected]);
  expect(await Array.fromAsync(late)).toEqual([ejected]);
  expect(await Array.fromAsync(hub.events())).toEqual([]);
});

test("a reader that waits is woken, and one that stops ends", async () => {
  const hub = new EventHub("static:///x", silentLogger);
  const reader = hub.events();
  const next = reader.next();
  hub.emit(opened);
  expect((await next).value).toBe(opened);
  const hanging = reader.next();
  await reader.return?.();
  expect((await hanging).done).toBe(true);
});

test("a reader that never reads costs bounded memory, and sees the newest", async () => {
  const hub = new EventHub("static:///x", silentLogger);
  const reader = hub.events();
  for (let i = 0; i < 3_000; i++) hub.emit(opened);
  hub.emit(ejected);
  hub.close();
  const seen = await Array.fromAsync(reader);
  expect(seen).toHaveLength(1_000);
  expect(seen.at(-1)).toBe(ejected);
});

test("events are published with their target on diagnostics_channel", () => {
  const seen: unknown[] = [];
  const listener = (message: unknown) => seen.push(message);
  subscribe("meshless:endpoint:ejected", listener);
  new EventHub("static:///x", silentLogger).emit(ejected);
  unsubscribe("meshless:endpoint:ejected", listener);
  expect(seen).toEqual([{ target: "static:///x", ...ejected }]);
});

test("an ejection is a warning, a session is for debugging", () => {
  const lines: string[] = [];
  const at = (level: string) => (_: object, message: string) => lines.push(`${level}: ${message}`);
  const hub = new EventHub("static:///x", { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
  hub.emit(opened);
  hub.emit(ejected);
  expect(lines).toEqual([
    `debug: session to ${endpoint.id} opened`,
    `warn: endpoint ${endpoint.id} ejected for 1000 ms: 5 failures in a row`,
  ]);
});
