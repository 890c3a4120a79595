import { createServer } from "node:tls";
import { expect, it } from "vitest";
import { manualClock } from "../../src/testing/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { testPki } from "../support/test-pki.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { frame } from "./flood.ts";
import { memoryMb } from "./memory.ts";

const originType = 0xc;

function origin(name: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return frame(originType, 0, 0, length, Buffer.from(name));
}

it.each([
  ["the same origin", () => "https://a.example", /floods us with HTTP\/2 frames \(origin\)/],
  ["ever new origins", (n: number) => `https://host-${n}.example`, /more ORIGIN frames than the allowed number/],
])("a TLS server that floods its client with %s is cut off, and calls on others go on", async (_what, name, reason) => {
  const pki = await testPki();
  const tls = await pki.issue("checkout.shop");
  const connections: RawConnection[] = [];
  const server = createServer({ ...tls, ALPNProtocols: ["h2"] }, (socket) => {
    connections.push(new RawConnection(socket, {}, () => {}));
  });
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  const good = use(await startEchoServer({ tls }));
  const { client, transport } = await readyClient(staticTarget({ address: `127.0.0.1:${port}` }, good), {
    tls: { ca: pki.ca },
    authority: "checkout.shop",
    clock: manualClock(),
  });
  const before = memoryMb();
  connections[0]?.sendBytes(Buffer.concat(Array.from({ length: 20_000 }, (_, n) => origin(name(n)))));
  const hostile = () => transport.inspect().endpoints.find(({ endpoint }) => endpoint.port === port);
  await eventually(() => hostile()?.connectivity === "unreachable");
  expect(hostile()?.lastFailure).toMatch(reason);
  expect(memoryMb().heap - before.heap).toBeLessThan(10);
  for (let n = 0; n < 20; n++) await client.update({});
  expect([good.calls.length, connections.length]).toEqual([20, 1]);
});
