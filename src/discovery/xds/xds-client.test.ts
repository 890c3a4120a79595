import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { flushed, ScriptedChannel } from "../../../test/xds/scripted-channel.ts";
import { DeltaDiscoveryResponseSchema } from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { XdsClient, type XdsWatcher } from "./xds-client.ts";
import { endpointsKind } from "./xds-kinds.ts";

function start(count = 1) {
  const clock = manualClock();
  const channel = new ScriptedChannel();
  const fallback = new ScriptedChannel();
  const servers = [
    { label: "control plane x", openChannel: () => channel },
    { label: "control plane y", openChannel: () => fallback },
  ].slice(0, count);
  const client = new XdsClient({ servers, node: { id: "me" }, clock, random: () => 0.5 });
  const heard: string[] = [];
  const watcher: XdsWatcher = {
    onChange: () => heard.push(`changed to ${client.known(endpointsKind, "shop").kind}`),
    onRefused: (problems) => heard.push(`refused: ${problems}`),
    onSilence: (message) => heard.push(message.replace(/since \S+:/g, "since then:")),
    onAnswer: () => heard.push("answers"),
  };
  return { clock, channel, fallback, client, heard, watcher };
}

describe("the client of a control plane", () => {
  it("opens a stream for the first watcher, and none before", async () => {
    const { channel, client, watcher } = start();
    expect(channel.streams).toHaveLength(0);
    client.watch(endpointsKind, "shop", watcher);
    client.watch(endpointsKind, "shop", { ...watcher });
    await flushed();
    expect(channel.streams).toHaveLength(1);
    expect(channel.streams[0]?.requests).toMatchObject([{ resourceNamesSubscribe: ["shop"], node: { id: "me" } }]);
  });

  it("gives up on a resource of which nothing is said, and only once it was asked for", async () => {
    const { clock, channel, client, heard, watcher } = start();
    channel.isConnected = false;
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    clock.advance(60_000);
    await flushed();
    expect(heard).toEqual([]);
    channel.connect();
    await flushed();
    clock.advance(14_999);
    await flushed();
    expect(heard).toEqual([]);
    clock.advance(1);
    await flushed();
    expect(heard).toEqual(["changed to missing"]);
  });

  it("tells at each failure that nobody answers, opens the next stream in time, and asks the other way once the first is not known", async () => {
    const { clock, channel, client, heard, watcher } = start();
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    channel.fail(new Error("refused"));
    await flushed();
    expect(heard).toEqual(["control plane x does not answer since then: refused"]);
    expect(channel.streams).toHaveLength(1);
    clock.advance(500);
    await flushed();
    expect(channel.streams).toHaveLength(2);
    channel.fail(new Error("unimplemented"));
    await flushed();
    clock.advance(0);
    await flushed();
    expect(channel.streams.map(({ variant }) => variant)).toEqual(["delta", "delta", "sotw"]);
    expect(heard).toHaveLength(1);
  });

  it("says who does not answer and who is asked instead, and closes the way to that one when the first answers", async () => {
    const { clock, channel, fallback, client, heard, watcher } = start(2);
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    expect(fallback.streams).toHaveLength(0);
    channel.fail(new Error("refused"));
    await flushed();
    expect(heard.splice(0)).toEqual(["control plane x does not answer since then: refused; control plane y is asked instead"]);
    expect(client.label).toBe("control plane y");
    fallback.fail(new Error("gone"));
    await flushed();
    expect(heard.splice(0)).toEqual([
      "control plane x does not answer since then: refused; control plane y does not answer since then: gone",
    ]);
    clock.advance(500);
    await flushed();
    channel.respond(create(DeltaDiscoveryResponseSchema, { typeUrl: endpointsKind.typeUrl }));
    await flushed();
    expect(heard).toEqual(["answers"]);
    expect(fallback).toMatchObject({ isClosed: true });
    expect(fallback.streams.at(-1)?.signal.aborted).toBe(true);
    expect(client).toMatchObject({ label: "control plane x", silence: undefined });
  });

  it("reads what comes without end a response a turn, so that everybody else has theirs", async () => {
    const { channel, client, watcher } = start();
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    for (let left = 100; left > 0; left--) channel.respond(create(DeltaDiscoveryResponseSchema, { typeUrl: endpointsKind.typeUrl }));
    await flushed();
    const { requests = [] } = channel.streams[0] ?? {};
    expect(requests.length).toBeLessThan(10);
    for (let turn = 0; turn < 120; turn++) await flushed();
    expect(requests).toHaveLength(101);
  });

  it("reads nothing more of who does not read itself", async () => {
    const { channel, client, watcher } = start();
    channel.reads = 1;
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    for (let left = 500; left > 0; left--) channel.respond(create(DeltaDiscoveryResponseSchema, { typeUrl: endpointsKind.typeUrl }));
    for (let turn = 0; turn < 600; turn++) await flushed();
    expect(channel.unread).toBeGreaterThan(350);
    channel.read();
    for (let turn = 0; turn < 600; turn++) await flushed();
    expect(channel.unread).toBe(0);
  });

  it("refuses the same again and again at a pace: some servers send at once what was refused", async () => {
    const { clock, channel, client, watcher } = start();
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    const bad = create(DeltaDiscoveryResponseSchema, { typeUrl: endpointsKind.typeUrl, resources: [{ name: "shop" }] });
    for (let left = 100; left > 0; left--) channel.respond(bad);
    for (let turn = 0; turn < 200; turn++) await flushed();
    const before = channel.unread;
    expect(before).toBeGreaterThan(70);
    for (let tenth = 0; tenth < 10; tenth++) {
      clock.advance(100);
      for (let turn = 0; turn < 3; turn++) await flushed();
    }
    expect(before - channel.unread).toBeGreaterThanOrEqual(9);
    expect(before - channel.unread).toBeLessThanOrEqual(11);
  });

  it("closes with its stream, its channel and its timers, and hears nothing more", async () => {
    const { clock, channel, client, heard, watcher } = start();
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    await client.close();
    expect(channel).toMatchObject({ isClosed: true });
    expect(channel.streams[0]?.signal.aborted).toBe(true);
    await flushed();
    expect(clock.pending).toBe(0);
    expect(heard).toEqual([]);
    expect(channel.streams).toHaveLength(1);
  });

  it("goes on when a watcher throws, which is an uncaught exception of the watcher's", async () => {
    const { clock, channel, client, heard, watcher } = start();
    const caught = new Promise((resolve) => process.prependOnceListener("uncaughtException", resolve));
    const others = process.listeners("uncaughtException").slice(1);
    for (const other of others) process.off("uncaughtException", other);
    const bad = () => {
      throw new Error("bad watcher");
    };
    client.watch(endpointsKind, "shop", { ...watcher, onSilence: bad });
    client.watch(endpointsKind, "shop", watcher);
    await flushed();
    channel.fail(new Error("refused"));
    expect(await caught).toMatchObject({ message: "bad watcher" });
    for (const other of others) process.on("uncaughtException", other);
    await flushed();
    expect(heard).toHaveLength(1);
    clock.advance(500);
    await flushed();
    expect(channel.streams).toHaveLength(2);
  });
});
