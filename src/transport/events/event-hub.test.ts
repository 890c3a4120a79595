import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Logger, silentLogger } from "../../logger.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import type { TransportEvent } from "./event-catalogue.ts";
import { EventHub } from "./event-hub.ts";

const endpoint = testEndpoint();
const opened: TransportEvent & { readonly type: "sessionOpened" } = { type: "sessionOpened", endpoint };
const ejected: TransportEvent & { readonly type: "endpointEjected" } = {
  type: "endpointEjected",
  endpoint,
  reason: "5 failures in a row",
  forMs: 1_000,
};

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

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("events are published with their target on diagnostics_channel", async () => {
  const seen: unknown[] = [];
  const listener = (message: unknown) => seen.push(message);
  await nextTurn();
  subscribe("meshless:endpoint:ejected", listener);
  new EventHub("static:///x", silentLogger).emit(ejected);
  await nextTurn();
  unsubscribe("meshless:endpoint:ejected", listener);
  expect(seen).toEqual([{ target: "static:///x", ...ejected }]);
});

/** A logger that hands each line, with its level in front, to `take`. */
function loggerTo(take: (line: string) => unknown): Logger {
  const at = (level: string) => (_: object, message: string) => take(`${level}: ${message}`);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

test("an ejection is a warning, a session is for debugging", async () => {
  const lines: string[] = [];
  const hub = new EventHub(
    "static:///x",
    loggerTo((line) => lines.push(line)),
  );
  hub.emit(opened);
  hub.emit(ejected);
  await nextTurn();
  expect(lines).toEqual([
    `debug: session to ${endpoint.id} opened`,
    `warn: endpoint ${endpoint.id} ejected for 1000 ms: 5 failures in a row`,
  ]);
});

test.each([
  ["silent", silentLogger, 0],
  ["that has its level off", { ...loggerTo(() => {}), isLevelEnabled: (level: string) => level === "error" }, 0],
  ["that has its level on", { ...loggerTo(() => {}), isLevelEnabled: (level: string) => level === "warn" }, 1],
  ["that doesn't say", loggerTo(() => {}), 1],
])("with a logger %s, the sentence of an event is made for those who read it", async (_, logger, made) => {
  let looks = 0;
  const hub = new EventHub("static:///x", logger);
  const watched = { ...endpoint };
  Object.defineProperty(watched, "id", { get: () => `looked at ${++looks} times` });
  hub.emit({ ...ejected, endpoint: watched });
  await nextTurn();
  expect(looks).toBe(made);
});

const error = new Error("out of order");

const oneOfEach: { [Type in TransportEvent["type"]]: TransportEvent & { readonly type: Type } } = {
  endpointAdded: { type: "endpointAdded", endpoint },
  endpointRemoved: { type: "endpointRemoved", endpoint },
  endpointEjected: ejected,
  endpointReadmitted: { type: "endpointReadmitted", endpoint },
  endpointReady: { type: "endpointReady", endpoint },
  endpointUnreachable: { type: "endpointUnreachable", endpoint, reason: "nobody answers" },
  panicChanged: { type: "panicChanged", panic: true, eligible: 1, total: 3 },
  endpointsRetained: { type: "endpointsRetained", retained: 3, listed: 0, served: 3, forMs: 600_000 },
  endpointsReleased: { type: "endpointsReleased", reason: "they no longer serve" },
  sessionOpened: opened,
  sessionClosed: { type: "sessionClosed", endpoint, reason: "it was retired", disconnectError: "subchannel shutdown", wasOpen: true },
  pingAnswered: { type: "pingAnswered", endpoint, durationMs: 0.4 },
  endpointsUpdated: { type: "endpointsUpdated", listed: 3 },
  credentialsRenewed: { type: "credentialsRenewed" },
  credentialsError: { type: "credentialsError", error },
  renewalFailed: { type: "renewalFailed", endpoint, reason: "not trusted" },
  sourceError: { type: "sourceError", error },
  notice: { type: "notice", code: "single-address", message: "one address" },
  plugInFailed: { type: "plugInFailed", plugIn: "policy", method: "pick", error },
};

/** The rows of the table in docs/observing.md that tell of events, by type. */
const documented = new Map(
  [...readFileSync("docs/observing.md", "utf8").matchAll(/^\| `(\w+)` \| `(meshless:[^`]+)` \| (\w+) \|$/gm)].map(
    ([, type, name, level]) => [type, { name: name as string, level }],
  ),
);

test("docs/observing.md lists every type of event, and no other", () => {
  expect([...documented.keys()].sort()).toEqual(Object.keys(oneOfEach).sort());
});

test.each(Object.values(oneOfEach))("$type goes to the channel and is logged at the level that docs/observing.md says", async (event) => {
  const { name, level } = documented.get(event.type) as { name: string; level: string };
  const heard: unknown[] = [];
  const onMessage = () => heard.push("published");
  subscribe(name, onMessage);
  new EventHub(
    "static:///x",
    loggerTo((line) => heard.push(line.split(":")[0])),
  ).emit(event);
  await nextTurn();
  unsubscribe(name, onMessage);
  expect(heard).toEqual([level, "published"]);
});

test.each(Object.values(oneOfEach))(
  "nobody hears of $type from within the change that it tells of, nor without a turn of the event loop between",
  async (event) => {
    const turns: string[] = [];
    const hub = new EventHub(
      "static:///x",
      loggerTo(() => turns.push("told")),
    );
    queueMicrotask(() => turns.push("microtask"));
    hub.emit(event);
    turns.push("changed");
    await nextTurn();
    expect(turns).toEqual(["changed", "microtask", "told"]);
  },
);

const fails = (): never => {
  throw new Error("the disk is full");
};

test.each([
  ["throws", () => fails()],
  ["rejects", async () => fails()],
])("a logger that %s is told of once, as a warning, and the other listeners hear every event", async (_, log) => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  const seen: unknown[] = [];
  const listener = (message: unknown) => seen.push(message);
  await nextTurn();
  subscribe("meshless:session:opened", listener);
  const hub = new EventHub("static:///x", loggerTo(log));
  hub.emit(opened);
  hub.emit(opened);
  await nextTurn();
  await nextTurn();
  process.off("warning", onWarning);
  unsubscribe("meshless:session:opened", listener);
  expect(seen).toHaveLength(2);
  expect(warnings).toMatchObject([
    { code: "MESHLESS_LOGGER_FAILED", message: "the logger of the transport for static:///x threw, which is told once: the disk is full" },
  ]);
});
