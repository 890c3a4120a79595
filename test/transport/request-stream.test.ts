import { constants } from "node:http2";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

describe.each(["connect", "grpc", "grpc-web"] as const)("a request stream, in %s", (protocol) => {
  it("that throws fails its call with that error, and releases the load", async () => {
    const server = use(await startEchoServer());
    const { client, transport } = await readyClient(staticTarget(server), { protocol });
    const failing = async function* () {
      yield { text: "a" };
      throw new Error("my own trouble");
    };
    expect((await failureOf(client.collect(failing()))).message).toContain("my own trouble");
    expect((await failureOf(collect(client.chat(failing())))).message).toContain("my own trouble");
    await eventually(() => inFlight(transport) === 0);
    expect(await client.update({ text: "next" })).toMatchObject({ text: "next" });
  });

  it("is closed when its call fails, so that it can clean up", async () => {
    const server = use(await startRawHttp2Server({ onHeaders: (stream) => stream.sendReset(constants.NGHTTP2_INTERNAL_ERROR) }));
    const { client } = await readyClient(staticTarget(server), { protocol });
    let closed = false;
    const endless = async function* () {
      try {
        for (;;) {
          yield { text: "x".repeat(1000) };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        closed = true;
      }
    };
    expect(await failureOf(client.collect(endless()))).toMatchObject({ code: Code.Internal });
    await eventually(() => closed);
    expect(server.streams()).toHaveLength(1);
  });

  it("is read no faster than the server takes it", async () => {
    const held = Promise.withResolvers<void>();
    const server = use(await startEchoServer({ onCall: () => held.promise }));
    const { client } = await readyClient(staticTarget(server), { protocol });
    let sent = 0;
    const large = async function* () {
      for (; sent < 100; sent++) yield { text: "x".repeat(100_000) };
    };
    const call = client.collect(large());
    await server.until(() => server.calls.length === 1);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    // 10 MB wait behind a window of 64 KiB and what the sockets and streams buffer.
    expect(sent).toBeLessThan(50);
    held.resolve();
    expect(await call).toMatchObject({ messages: 100 });
  });
});
