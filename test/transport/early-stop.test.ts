import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Code, createClient as createConnectClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { type BalancedTransport, createClient } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

const CANCEL = 8;
const endless = { count: 1_000_000, behavior: { size: 1000 } };

async function setUp() {
  const server = use(await startEchoServer());
  const { transport } = await readyClient(`static:///${server.address}`);
  const isCanceled = () => server.calls[0]?.resetCode === CANCEL;
  return { server, transport, isCanceled, client: createClient(EchoService, transport) };
}

describe("a reader that stops early", () => {
  it("by break, cancels a server stream", async () => {
    const { server, transport, client, isCanceled } = await setUp();
    for await (const { number } of client.count(endless)) if (number === 3) break;
    await server.until(isCanceled);
    await eventually(() => inFlight(transport) === 0);
  });

  it("by throwing, cancels it, and the error goes on", async () => {
    const { server, client, isCanceled } = await setUp();
    const reading = (async () => {
      for await (const _ of client.count(endless)) throw new Error("seen enough");
    })();
    await expect(reading).rejects.toThrow("seen enough");
    await server.until(isCanceled);
  });

  it("by break, cancels a bidirectional stream whose requests go on", async () => {
    const { server, client, isCanceled } = await setUp();
    const requests = (async function* () {
      for (let i = 0; ; i++) yield { text: `${i}` };
    })();
    for await (const { text } of client.chat(requests)) if (text === "2") break;
    await server.until(isCanceled);
  });

  it("before it read anything, cancels as well", async () => {
    const { server, client, isCanceled } = await setUp();
    const responses = client.count(endless)[Symbol.asyncIterator]();
    await server.until(() => server.calls.length === 1);
    await responses.return?.();
    await server.until(isCanceled);
    expect(await responses.next()).toMatchObject({ done: true });
  });

  it.each([
    ["after three messages", readThree],
    ["before the first", readNone],
  ])("without a word, as connect's own client does, is found by the garbage collector, %s", async (_when, read) => {
    const { server, transport, isCanceled } = await setUp();
    await read(transport);
    await server.until(() => server.calls.length === 1);
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    await eventually(() => {
      collectGarbage();
      return isCanceled();
    });
    await server.until(() => server.calls[0]?.closed === true);
  });
});

/** A function of its own, so that nothing of the loop stays on the stack. */
async function readThree(transport: BalancedTransport): Promise<void> {
  for await (const { number } of createConnectClient(EchoService, transport).count(endless)) if (number === 3) break;
}

async function readNone(transport: BalancedTransport): Promise<void> {
  createConnectClient(EchoService, transport).count(endless);
}

describe("a client made by meshless", () => {
  it("hands over headers before the first response, trailers after the last, and ends", async () => {
    const { client } = await setUp();
    const order: string[] = [];
    const options = { onHeader: () => order.push("header"), onTrailer: () => order.push("trailer") };
    for await (const { number } of client.count({ count: 2 }, options)) order.push(`${number}`);
    expect(order).toEqual(["header", "1", "2", "trailer"]);
  });

  it("makes unary and client-streaming calls as connect's does", async () => {
    const { client } = await setUp();
    expect(await client.echo({ text: "hi" })).toMatchObject({ text: "hi" });
    const requests = (async function* () {
      yield { text: "a" };
    })();
    expect(await client.collect(requests)).toBeDefined();
  });

  it("tells an error once, to whoever reads", async () => {
    const { client } = await setUp();
    const responses = client.count({ count: 3, behavior: { failCode: Code.NotFound } })[Symbol.asyncIterator]();
    expect(await failureOf(responses.next())).toMatchObject({ code: Code.NotFound });
    expect(await responses.next()).toMatchObject({ done: true });
  });

  it("does not end the process when nobody reads a failed call", async () => {
    const { client, server } = await setUp();
    const responses = client.count({ count: 3, behavior: { failCode: Code.NotFound } })[Symbol.asyncIterator]();
    await server.until(() => server.calls[0]?.closed === true);
    await responses.return?.();
  });
});
