import { once } from "node:events";
import * as http2 from "node:http2";
import { expect, it, onTestFinished, vi } from "vitest";
import { protect } from "../../src/server-hooks/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";
import { startReader } from "./reader.ts";
import { startVictimServer } from "./victim-server.ts";

const path = "/meshless.testing.v1.EchoService/Update";
const { NGHTTP2_ENHANCE_YOUR_CALM: ENHANCE_YOUR_CALM } = http2.constants;

/** connect-node tells the console of every call that it could not answer. */
function muteConsole(): void {
  const consoleError = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => consoleError.mockRestore());
}

it("a client that does not read has its stream reset; one that has nothing to read does not", async () => {
  muteConsole();
  const server = await startVictimServer(60_000);
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  use({ [Symbol.asyncDispose]: async () => session.destroy() });
  const post = { ":method": "POST", ":path": path, "content-type": "application/json" };

  const silent = session.request(post);
  const greedy = session.request(post);
  greedy.end('{"behavior":{"size":1000000}}');
  await once(greedy, "response");
  server.clock.advance(60_000);
  await expect(once(greedy, "close")).rejects.toThrow("NGHTTP2_ENHANCE_YOUR_CALM");
  expect(silent.closed).toBe(false);

  silent.end('{"text":"here I am"}');
  const [answer] = await once(silent, "response");
  expect(answer[":status"]).toBe(200);
  silent.resume();
  await once(silent, "close");
});

it("a client that takes a byte every 200 ms has its stream reset", async () => {
  muteConsole();
  const server = await startVictimServer(10_000);
  const reader = await startReader(server.port, 1_000_000);
  for (let n = 0; n <= 50 && reader.resetCode === undefined; n++) {
    await reader.take(1);
    server.clock.advance(200);
  }
  await reader.until(() => reader.resetCode !== undefined);
  expect(reader.resetCode).toBe(ENHANCE_YOUR_CALM);
  expect(reader.bytes).toBeLessThanOrEqual(51);
});

it("a client that takes 10 KB per second gets its answer, however long it takes", async () => {
  const server = await startVictimServer(10_000);
  const reader = await startReader(server.port, 1_000_000);
  while (!reader.ended && reader.resetCode === undefined) {
    await reader.take(10_000);
    server.clock.advance(1_000);
  }
  expect(reader).toMatchObject({ ended: true, resetCode: undefined });
  expect(reader.bytes).toBeGreaterThan(1_000_000);
});

it("a client that does not read has its stream reset where the answer is whole before the handler returns", async () => {
  const clock = manualClock();
  const server = protect(
    http2.createServer((_request, response) => response.end(Buffer.alloc(1_000_000))),
    { clock },
  );
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  const reader = await startReader(port, 0);
  await reader.take(1);
  clock.advance(60_000);
  await reader.until(() => reader.resetCode !== undefined);
  expect(reader.resetCode).toBe(ENHANCE_YOUR_CALM);
});
