import * as http2 from "node:http2";
import type { ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { readyClient } from "../support/balanced-client.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { Changes } from "../support/until.ts";
import { use } from "../support/use.ts";

const MESSAGE_BYTES = 16_384;
const MESSAGES = 1_000;
/** The windows of HTTP/2 and the buffers of Node.js and the kernel's loopback together; far less than the 16 MB to be sent. */
const MAX_AHEAD = 400;

async function serve(implementation: Partial<ServiceImpl<typeof EchoService>>): Promise<string> {
  const server = http2.createServer(connectNodeAdapter({ routes: (router) => router.service(EchoService, implementation) }));
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  return `static:///127.0.0.1:${port}`;
}

/** Lets everything that can happen without the reader happen. */
async function settled(progress: () => number): Promise<void> {
  for (let quiet = 0, last = progress(); quiet < 200; quiet++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (progress() !== last) quiet = 0;
    last = progress();
  }
}

describe.each(["connect", "grpc", "grpc-web"] as const)("over %s", (protocol) => {
  it("a server gets no further ahead of a slow reader than the buffers between them, and nothing is lost", async () => {
    let sent = 0;
    const target = await serve({
      async *count() {
        for (let number = 1; number <= MESSAGES; number++) {
          yield { number, padding: new Uint8Array(MESSAGE_BYTES) };
          sent++;
        }
      },
    });
    const { transport } = await readyClient(target, { protocol });
    const responses = createClient(EchoService, transport).count({})[Symbol.asyncIterator]();
    await responses.next();
    await settled(() => sent);
    expect(sent).toBeLessThan(MAX_AHEAD);
    let received = 1;
    while ((await responses.next()).done !== true) received++;
    expect(received).toBe(MESSAGES);
  });

  it("a caller gets no further ahead of a slow server than the buffers between them, and nothing is lost", async () => {
    const changes = new Changes();
    const reading = Promise.withResolvers<void>();
    let started = false;
    let received = 0;
    const target = await serve({
      async collect(requests) {
        started = true;
        changes.announce();
        await reading.promise;
        for await (const _ of requests) received++;
        return { messages: received };
      },
    });
    const { transport } = await readyClient(target, { protocol });
    let pulled = 0;
    const requests = (async function* () {
      for (; pulled < MESSAGES; pulled++) yield { text: "x".repeat(MESSAGE_BYTES) };
    })();
    const call = createClient(EchoService, transport).collect(requests);
    await changes.until(() => started);
    await settled(() => pulled);
    expect(pulled).toBeLessThan(MAX_AHEAD);
    reading.resolve();
    expect((await call).messages).toBe(MESSAGES);
  });
});
