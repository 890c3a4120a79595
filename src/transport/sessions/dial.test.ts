import * as http2 from "node:http2";
import { expect, it } from "vitest";
import { closeServer, listenOnLoopback } from "../../../test/support/listen.ts";
import { use } from "../../../test/support/use.ts";
import { testEndpoint } from "../../testing/test-endpoint.ts";
import { createDial } from "./dial.ts";

const windowBytes = 2 ** 21;

async function dialled() {
  const server = http2.createServer();
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  const session = createDial({ credentials: undefined, serverName: undefined, windowBytes })(testEndpoint({ address: "127.0.0.1", port }));
  use({ [Symbol.asyncDispose]: async () => session.destroy() });
  return session;
}

it("a server may send as much as was set before it is read", async () => {
  const session = await dialled();
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  session.once("connect", () => resolve(session.state.localWindowSize));
  expect(await promise).toBe(windowBytes);
});

it("a session that is given up in the tick in which it connects is left alone", async () => {
  const session = await dialled();
  const closed = new Promise((resolve) => session.once("close", resolve));
  session.prependOnceListener("connect", () => session.destroy());
  await closed;
  expect(session.destroyed).toBe(true);
});
