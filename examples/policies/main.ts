// Another policy than the default: all calls of a user go to the same server, as long as it is there. For caches, and for what is dear to load.
import assert from "node:assert/strict";
import { createContextValues } from "@connectrpc/connect";
import { createBalancedTransport, createClient, hashKey, maglev, type Policy, ringHash } from "meshless";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { startEchoServer } from "../echo-server.ts";
import { untilReachable } from "../until-reachable.ts";

const users = Array.from({ length: 400 }, (_, number) => `user-${number}`);

async function show(name: string, policy: Policy): Promise<void> {
  const servers = await Promise.all(["anna", "ben", "carla", "dora"].map((server) => startEchoServer(server)));
  const transport = createBalancedTransport(`static:///${servers.map(({ address }) => address).join(",")}`, { policy });
  const client = createClient(EchoService, transport);

  /** Who answers each user. */
  async function answerers(): Promise<string[]> {
    const names: string[] = [];
    for (const user of users) {
      const { server } = await client.echo({}, { contextValues: createContextValues().set(hashKey, user) });
      names.push(server?.name ?? "nobody");
    }
    return names;
  }

  await untilReachable(transport, servers);
  const first = await answerers();
  console.log(`${name}, users of each server:`, countEach(first));
  const again = await answerers();
  for (const [user, server] of first.entries()) assert.equal(again[user], server);

  await servers[3]?.close();
  const later = await answerers();
  console.log(`${name}, after dora died:`, countEach(later));
  // Only her users had to move.
  for (const [user, server] of first.entries()) assert(later[user] === server || server === "dora");

  await transport.close();
  await Promise.all(servers.slice(0, 3).map((server) => server.close()));
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

// The ring of Envoy and gRPC, from which all of them choose alike.
await show("ringHash", ringHash());
// More even. Unless told otherwise it sends calls on from a server that has more than its part of those in flight: even, but then not always the same.
await show("maglev", maglev({ boundedLoad: Infinity }));
