// Two zones: calls stay in the client's own, go to the other one when their own is lost, and come back when it does.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import { staticSource } from "meshless/discovery";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { type EchoServer, startEchoServer } from "../echo-server.ts";
import { untilReachable } from "../until-reachable.ts";

function inZone(zone: string, servers: readonly EchoServer[]) {
  return servers.map(({ port }) => ({ address: "127.0.0.1", port, locality: { region: "home", zone } }));
}

async function countZones(): Promise<{ north: number; south: number }> {
  const answers = await countAnswers(client, 200);
  const of = (...names: readonly string[]) => names.reduce((sum, name) => sum + (answers[name] ?? 0), 0);
  return { north: of("anna", "ben"), south: of("carla", "dora") };
}

const [anna, ben, carla, dora] = await Promise.all(["anna", "ben", "carla", "dora"].map((name) => startEchoServer(name)));
assert(anna && ben && carla && dora);
const source = staticSource([...inZone("north", [anna, ben]), ...inZone("south", [carla, dora])]);

// Where a client is, its environment may tell instead: MESHLESS_ZONE. Servers that come back get their calls back bit by bit, over 30 s; here over one.
const transport = createBalancedTransport(source, { zone: "north", slowStart: { windowMs: 1_000 } });
const client = createClient(EchoService, transport);
await untilReachable(transport, [anna, ben, carla, dora]);

const atHome = await countZones();
console.log("calls of a client in the north:", atHome);
assert.deepEqual(atHome, { north: 200, south: 0 });

await Promise.all([anna.close(), ben.close()]);
const away = await countZones();
console.log("all answered, after the north was lost:", away);
assert.deepEqual(away, { north: 0, south: 200 });

const reachable = untilReachable(transport, [anna, ben]);
const returned = await Promise.all([startEchoServer("anna", anna.port), startEchoServer("ben", ben.port)]);
await reachable;
const returning = await countZones();
console.log("as soon as it is back:", returning);
assert(returning.south > 0, "not all at once");

await sleep(1_000);
const backHome = await countZones();
console.log("a second later:", backHome);
assert.deepEqual(backHome, { north: 200, south: 0 });

await transport.close();
await Promise.all([...returned, carla, dora].map((server) => server.close()));
