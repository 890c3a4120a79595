import { expect, it } from "vitest";
import { readyClient } from "../support/balanced-client.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";
import { startAttack } from "./attack.ts";
import { callDuring } from "./call-during.ts";
import type { ClientFlood } from "./client-floods.ts";
import { memoryMb } from "./memory.ts";
import { startVictimServer } from "./victim-server.ts";

/** Why the server closes the connection, or "harmless": it goes on, and nothing grows, because streams are turned away or frames ignored. */
const floods: Readonly<Record<ClientFlood, RegExp | "harmless">> = {
  PING: /Flooding was detected|floods us with HTTP\/2 frames \(ping\)/,
  "PING, as acknowledged": /floods us with HTTP\/2 frames \(ping\)/,
  SETTINGS: /Flooding was detected|floods us with HTTP\/2 frames \(remoteSettings\)/,
  "SETTINGS, as acknowledged": /floods us with HTTP\/2 frames \(remoteSettings\)/,
  "acknowledgements of no PING": /Protocol error/,
  "rapid reset": /floods us with HTTP\/2 streams that it resets/,
  "rapid reset of open requests": /floods us with HTTP\/2 streams that it resets/,
  "requests without end": /Too many invalid HTTP\/2 frames/,
  requests: /Too many invalid HTTP\/2 frames/,
  "MadeYouReset by empty WINDOW_UPDATE": /Protocol error/,
  "MadeYouReset by window overflow": /Flow control error|Protocol error/,
  "MadeYouReset by DATA after the end": /Protocol error/,
  "MadeYouReset by a PRIORITY on itself": /Too many invalid HTTP\/2 frames|Protocol error/,
  "headers without end": /Too many CONTINUATION frames/,
  "empty DATA": /Too many invalid HTTP\/2 frames/,
  "1,000 headers": "harmless",
  "HPACK bombs": "harmless",
  "RST_STREAM of a closed stream": /Protocol error/,
  PRIORITY: /Protocol error/,
  "frames of an unknown type": /Protocol error/,
  WINDOW_UPDATE: "harmless",
};

it.each(Object.entries(floods))("a client that floods its server with %s harms no other client", async (flood, ending) => {
  const server = await startVictimServer();
  const { client } = await readyClient(`static:///127.0.0.1:${server.port}`);
  const before = memoryMb();
  const attack = use(await startAttack("client", flood, String(server.port)));
  const { calls, failed } = await callDuring(client, attack, 200);
  const after = memoryMb();

  expect(failed / calls).toBeLessThanOrEqual(0.01);
  expect(after.heap - before.heap).toBeLessThan(10);
  expect(after.resident - before.resident).toBeLessThan(150);
  await eventually(() => server.sessions.size === 1);
  // What one Node.js bears, another may cut off.
  if (ending === "harmless") return;
  expect(attack.said.closed).toBe(true);
  expect(server.complaints).toEqual([expect.stringMatching(ending)]);
});
