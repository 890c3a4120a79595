import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Code, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { createBalancedTransport } from "../../src/index.ts";
import { createHealthReporter, orcaService } from "../../src/server-hooks/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { startEchoFleet, staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { use } from "../support/use.ts";

describe("close()", () => {
  it("lets calls in flight end, refuses new ones, and closes every connection", async () => {
    const held = Promise.withResolvers<void>();
    const server = use(await startEchoServer({ onCall: () => held.promise }));
    const { client, transport } = await readyClient(staticTarget(server));
    const unary = client.update({ text: "in flight" });
    const stream = collect(client.count({ count: 3 }));
    await server.until(() => server.calls.length === 2);
    const closed = transport.close();
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable, rawMessage: expect.stringMatching(/closed/) });
    await expect(transport.ready()).rejects.toThrow(/closed/);
    held.resolve();
    expect(await unary).toMatchObject({ text: "in flight" });
    expect(await stream).toHaveLength(3);
    await closed;
    await server.until(() => server.openConnections() === 0);
    expect(server.calls).toHaveLength(2);
  });

  it("may be called again, and before anything else", async () => {
    const { target } = use(await startEchoFleet(2));
    const transport = createBalancedTransport(target);
    await Promise.all([transport.close(), transport.close()]);
    await transport.close();
    const client = createClient(EchoService, transport);
    expect(await failureOf(client.update({}))).toMatchObject({ code: Code.Unavailable });
    expect(await failureOf(collect(client.count({ count: 1 })))).toMatchObject({ code: Code.Unavailable });
    await expect(transport.ready()).rejects.toThrow(/closed/);
  });

  it("ends the streams of events", async () => {
    const { target } = use(await startEchoFleet(1));
    const { transport } = await readyClient(target);
    const events = collect(transport.events());
    await transport.close();
    expect((await events).map(({ type }) => type)).toContain("sessionClosed");
    expect(await collect(transport.events())).toEqual([]);
  });

  it("happens at the end of the block with `await using`", async () => {
    const server = use(await startEchoServer());
    {
      await using transport = createBalancedTransport(staticTarget(server));
      await createClient(EchoService, transport).update({});
      expect(server.openConnections()).toBe(1);
    }
    await server.until(() => server.openConnections() === 0);
  });
});

describe("a process", () => {
  /** Runs idle-client.ts against the servers until it exits by itself. */
  async function run(target: string, mode: string) {
    const script = fileURLToPath(new URL("idle-client.ts", import.meta.url));
    const child = spawn(process.execPath, [script, target, mode], { stdio: ["ignore", "pipe", "inherit"] });
    const [[code], output] = await Promise.all([once(child, "exit"), child.stdout.setEncoding("utf8").toArray()]);
    return { code, output: output.join("") };
  }

  it.each(["idle", "untouched"])("ends by itself with an %s transport that nobody closed", async (mode) => {
    const { target } = use(await startEchoFleet(2));
    expect(await run(target, mode)).toEqual({ code: 0, output: `${mode}\n` });
  });

  it("ends by itself though servers go on reporting to it", async () => {
    const { sampler } = createHealthReporter();
    const { target } = use(await startEchoFleet(2, { routes: (router) => orcaService(router, sampler) }));
    expect(await run(target, "told")).toEqual({ code: 0, output: "told\n" });
  });

  it("stays alive while a call is under way", async () => {
    const fleet = use(await startEchoFleet(1, { onCall: () => new Promise((resolve) => setTimeout(resolve, 200)) }));
    expect(await run(fleet.target, "in-call")).toEqual({ code: 0, output: "answered\n" });
  });
});
