import { describe, expect, it } from "vitest";
import { flushed, ScriptedChannel } from "../../../test/xds/scripted-channel.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { XdsClient, type XdsWatcher } from "./xds-client.ts";
import { endpointsKind } from "./xds-kinds.ts";

function start() {
  const clock = manualClock();
  const channel = new ScriptedChannel();
  const client = new XdsClient({ label: "control plane x", node: { id: "me" }, channel, clock, random: () => 0.5 });
  const heard: string[] = [];
  const watcher: XdsWatcher = {
    onChange: () => heard.push(`changed to ${client.known(endpointsKind, "shop").kind}`),
    onRefused: (problems) => heard.push(`refused: ${problems}`),
    onSilence: (message) => heard.push(message.replace(/since \S+:/, "since then:")),
    onAnswer: () => heard.push("answers"),
  };
  return { clock, channel, client, heard, watcher };
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
