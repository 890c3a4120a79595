import { once } from "node:events";
import * as http2 from "node:http2";
import { expect, it, onTestFinished, vi } from "vitest";
import { use } from "../support/use.ts";
import { startVictimServer } from "./victim-server.ts";

const path = "/meshless.testing.v1.EchoService/Update";

it("a client that does not read has its stream reset; one that has nothing to read does not", async () => {
  // connect-node tells the console of every call that it could not answer.
  const consoleError = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => consoleError.mockRestore());
  const server = await startVictimServer(100);
  const session = http2.connect(`http://127.0.0.1:${server.port}`);
  use({ [Symbol.asyncDispose]: async () => session.destroy() });
  const post = { ":method": "POST", ":path": path, "content-type": "application/json" };

  const silent = session.request(post);
  const greedy = session.request(post);
  greedy.end('{"behavior":{"size":1000000}}');
  await once(greedy, "response");
  await expect(once(greedy, "close")).rejects.toThrow("NGHTTP2_ENHANCE_YOUR_CALM");
  expect(silent.closed).toBe(false);

  silent.end('{"text":"here I am"}');
  const [answer] = await once(silent, "response");
  expect(answer[":status"]).toBe(200);
  silent.resume();
  await once(silent, "close");
});
