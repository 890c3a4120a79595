import { expect, it } from "vitest";
import { roundRobin } from "../../src/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { startAttack } from "./attack.ts";
import { callDuring } from "./call-during.ts";
import { memoryMb } from "./memory.ts";
import type { ServerFlood } from "./server-floods.ts";

/** Why the client cuts the connection, or "harmless": it goes on, and nothing grows, because the frames are ignored. */
const floods: Readonly<Record<ServerFlood, RegExp | "harmless">> = {
  PING: /Flooding was detected|floods us with HTTP\/2 frames \(ping\)/,
  "PING, as acknowledged": /floods us with HTTP\/2 frames \(ping\)/,
  SETTINGS: /Flooding was detected|floods us with HTTP\/2 frames \(remoteSettings\)/,
  "SETTINGS, as acknowledged": /floods us with HTTP\/2 frames \(remoteSettings\)/,
  "empty SETTINGS": /Flooding was detected|floods us with HTTP\/2 frames \(remoteSettings\)/,
  "acknowledgements of no PING": /Protocol error/,
  ALTSVC: /floods us with HTTP\/2 frames \(altsvc\)/,
  "ORIGIN without TLS": "harmless",
  PUSH_PROMISE: /Protocol error/,
  "informational responses": /floods us with HTTP\/2 frames \(informational responses\)/,
  "response headers without end": /Too many CONTINUATION frames/,
  "trailers without end": /Too many CONTINUATION frames/,
  "responses after the response": /Protocol error/,
  "empty DATA": /Too many invalid HTTP\/2 frames/,
  "DATA of padding alone": /Protocol error/,
  PRIORITY: /Protocol error/,
  "frames of an unknown type": /Protocol error/,
  "RST_STREAM of a closed stream": "harmless",
  WINDOW_UPDATE: "harmless",
};

it.each(Object.entries(floods))("a server that floods its client with %s harms no other endpoint", async (flood, ending) => {
  const fleet = use(await startEchoFleet(2));
  const attack = use(await startAttack("server", flood));
  const { port } = attack.said;
  // Time stands still: whatever is opened again is opened at once, and would be counted.
  const balanced = await readyClient(`${fleet.target},127.0.0.1:${port}`, { policy: roundRobin(), clock: manualClock() });
  const before = memoryMb();
  const { calls, failed } = await callDuring(balanced.client, attack, 400);
  const after = memoryMb();

  expect(failed / calls).toBeLessThanOrEqual(0.01);
  expect(after.heap - before.heap).toBeLessThan(10);
  expect(after.resident - before.resident).toBeLessThan(150);
  const hostile = () => balanced.transport.inspect().endpoints.find(({ endpoint }) => endpoint.port === port);
  if (ending === "harmless") {
    expect(hostile()).toMatchObject({ connectivity: "ready" });
  } else {
    await eventually(() => hostile()?.connectivity === "unreachable");
    expect(hostile()).toMatchObject({ lastFailure: expect.stringMatching(ending), sessions: [] });
  }
  expect(attack.said.connections).toBe(1);
});
