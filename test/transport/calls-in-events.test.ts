import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { type Clock, type EndpointSource, type Logger, roundRobin, type TransportEvent } from "../../src/index.ts";
import { silentLogger } from "../../src/logger.ts";
import { type ScriptedSource, scriptedSource } from "../../src/testing/index.ts";
import type { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { type BalancedClient, balancedClient } from "../support/balanced-client.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { endpointsOf } from "../support/endpoints-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

type EventType = TransportEvent["type"];

/** The real clock, which throws when it is looked at 20,000 times within one turn of the event loop: an endless loop then fails its call, not the test run. */
function impatientClock(): Clock {
  let looks = 0;
  return {
    ...systemClock,
    now() {
      if (looks++ === 0) setImmediate(() => (looks = 0));
      if (looks > 20_000) throw new Error("an endless loop");
      return systemClock.now();
    },
  };
}

const channelOf: Partial<Record<EventType, string>> = {
  endpointAdded: "meshless:endpoint:added",
  endpointRemoved: "meshless:endpoint:removed",
  endpointEjected: "meshless:endpoint:ejected",
  endpointReadmitted: "meshless:endpoint:readmitted",
  endpointReady: "meshless:endpoint:ready",
  endpointUnreachable: "meshless:endpoint:unreachable",
  panicChanged: "meshless:balancer:panic",
  sessionOpened: "meshless:session:opened",
  sessionClosed: "meshless:session:closed",
  sourceError: "meshless:source:error",
};

/** A client whose logger and whose subscriber to the channel each make a call at every event of the type. */
function callingAt(type: EventType, by: "logger" | "channel", source: EndpointSource) {
  const calls: Promise<unknown>[] = [];
  let client: Client<typeof EchoService> | undefined;
  const call = () => {
    if (client !== undefined) calls.push(client.update({ text: "from within" }).catch((error: unknown) => error));
  };
  const log = (details: object) => {
    if ((details as { type?: EventType }).type === type) call();
  };
  const logger: Logger = by === "logger" ? { debug: log, info: log, warn: log, error: log } : silentLogger;
  if (by === "channel") listen(channelOf[type] as string, call);
  const balanced = balancedClient(source, {
    logger,
    clock: impatientClock(),
    policy: roundRobin(),
    panicThreshold: 1,
    ejection: { baseMs: 1 },
  });
  client = balanced.client;
  return { ...balanced, calls };
}

function listen(channel: string, listener: () => void): void {
  subscribe(channel, listener);
  onTestFinished(() => void unsubscribe(channel, listener));
}

interface Found extends BalancedClient {
  readonly source: ScriptedSource;
  readonly servers: readonly EchoServer[];
  /** While it is so, the first server fails each call. */
  readonly first: { isBroken: boolean };
}

type Scenario = (found: Found) => Promise<void>;

const comes: Scenario = async ({ source, client, servers }) => {
  source.update(endpointsOf(...servers.slice(0, 1)));
  await client.update({});
};

const leaves: Scenario = async (found) => {
  await comes(found);
  found.source.update(endpointsOf(...found.servers.slice(1)));
};

const isUnreachable: Scenario = async ({ source, client }) => {
  const gone = await startEchoServer();
  await gone.kill();
  source.update(endpointsOf(gone));
  await client.update({}).catch(() => {});
};

/** One of two fails until it is ejected, which is panic enough here, and is readmitted as soon as it works. */
const isEjected: Scenario = async ({ source, client, transport, servers, first }) => {
  first.isBroken = true;
  source.update(endpointsOf(...servers));
  const isOut = () => transport.inspect().endpoints.some(({ ejection }) => ejection !== "none");
  while (!isOut()) await client.update({}).catch(() => {});
  first.isBroken = false;
  while (isOut()) await client.update({}).catch(() => {});
};

const scenarios: readonly (readonly [EventType, Scenario])[] = [
  ["endpointAdded", comes],
  ["sessionOpened", comes],
  ["endpointReady", comes],
  ["endpointRemoved", leaves],
  ["sessionClosed", leaves],
  ["endpointUnreachable", isUnreachable],
  ["endpointEjected", isEjected],
  ["panicChanged", isEjected],
  ["endpointReadmitted", isEjected],
  ["sourceError", async ({ source }) => source.error(new Error("out to lunch"))],
];

describe.each(["logger", "channel"] as const)("a %s that makes a call at an event leaves the transport at work:", (by) => {
  it.each(scenarios)("%s", async (type, scenario) => {
    const first = { isBroken: false };
    const onCall = () => {
      if (first.isBroken) throw new ConnectError("out of order", Code.Unavailable);
    };
    const servers = [use(await startEchoServer({ onCall })), use(await startEchoServer())];
    const source = scriptedSource();
    const { calls, ...balanced } = callingAt(type, by, source);
    const found = { ...balanced, source, servers, first };
    await scenario(found);
    await eventually(() => calls.length > 0);
    await comes(found);
    for (const outcome of await Promise.all(calls)) {
      if (outcome instanceof Error) expect(outcome).toMatchObject({ name: "ConnectError", code: Code.Unavailable });
      else expect(outcome).toMatchObject({ text: "from within" });
    }
  });
});

it("a source that tells a new trouble whenever it is asked does not spin with a logger that calls at each", async () => {
  const server = use(await startEchoServer());
  let asked = 0;
  let isWell = false;
  const source: EndpointSource = {
    watch(_target, observer) {
      queueMicrotask(() => observer.onUpdate({ endpoints: [] }));
      const refresh = () => {
        if (isWell) observer.onUpdate({ endpoints: endpointsOf(server) });
        else observer.onError(new Error(`trouble ${asked++}`));
      };
      return { refresh, close() {} };
    },
  };
  const { client } = callingAt("sourceError", "logger", source);
  await client.update({}).catch(() => {});
  await eventually(() => asked > 10);
  isWell = true;
  await client.update({}).catch(() => {});
  expect(await client.update({ text: "well" })).toMatchObject({ text: "well" });
});
