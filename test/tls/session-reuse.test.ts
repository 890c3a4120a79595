import { once } from "node:events";
import * as http2 from "node:http2";
import { expect, it } from "vitest";
import { balancedClient, readyClient } from "../support/balanced-client.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { failureOf } from "../support/failure-of.ts";
import { testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";

const names = ["checkout.shop.example", "cart.shop.example"] as const;
const uris = ["spiffe://prod.example/checkout"];

async function setUp() {
  const pki = await testPki();
  const server = use(await startEchoServer({ tls: await pki.issueFor({ dns: names, uris }) }));
  return { ca: pki.ca, server, target: staticTarget(server) };
}

/** Proves that this server does resume sessions, so that the tests below would notice. */
async function resume(server: EchoServer, ca: string): Promise<void> {
  const url = `https://${server.address}`;
  const first = http2.connect(url, { ca, servername: names[0] });
  const [ticket] = (await once(first.socket, "session")) as [Buffer];
  const second = http2.connect(url, { ca, servername: names[0], session: ticket });
  await server.until(() => server.handshakes.length === 2);
  expect(server.handshakes.map(({ resumed }) => resumed)).toEqual([false, true]);
  for (const client of [first, second]) client.destroy();
}

it("every connection makes a handshake of its own, for the same name and for another", async () => {
  const { ca, server, target } = await setUp();
  await resume(server, ca);
  for (const authority of [names[0], names[0], names[1]]) {
    const { client, transport } = await readyClient(target, { authority, tls: { ca } });
    await client.update({});
    await transport.close();
  }
  expect(server.handshakes.slice(2)).toEqual(
    [names[0], names[0], names[1]].map((serverName) => ({ serverName, clientSerial: undefined, resumed: false })),
  );
});

it("who was accepted under one identity is checked anew under another", async () => {
  const { ca, target } = await setUp();
  const checked: string[] = [];
  const checkServerIdentity = (name: string) => void checked.push(name);
  await (await readyClient(target, { authority: names[0], tls: { ca, checkServerIdentity } })).client.update({});
  await (await readyClient(target, { authority: names[1], tls: { ca, checkServerIdentity } })).client.update({});
  expect(checked).toEqual(names);
  const stranger = balancedClient(target, { authority: "other.example", tls: { ca } });
  expect((await failureOf(stranger.client.update({}))).rawMessage).toContain("other.example");
});

it("and under another SPIFFE ID", async () => {
  const { ca, server, target } = await setUp();
  const id = "spiffe://prod.example/checkout";
  await (await readyClient(target, { tls: { ca, spiffe: { trustDomain: "prod.example", id } } })).client.update({});
  const stranger = balancedClient(target, { tls: { ca, spiffe: { trustDomain: "prod.example", id: "spiffe://prod.example/cart" } } });
  expect((await failureOf(stranger.client.update({}))).rawMessage).toContain(`"${id}" is not the identity`);
  expect(server.calls).toHaveLength(1);
  expect(server.handshakes.every(({ resumed }) => !resumed)).toBe(true);
});
