import { expect, it } from "vitest";
import { healthReporting } from "../../src/server-hooks/index.ts";
import { manualClock } from "../../src/testing/index.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { collect } from "../support/collect.ts";
import { staticTarget } from "../support/echo-fleet.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { eventually } from "../support/until.ts";
import { use } from "../support/use.ts";

it.each(["connect", "grpc", "grpc-web"] as const)("what a server says of itself is known to its clients: %s", async (protocol) => {
  const clock = manualClock();
  const reporting = healthReporting({ clock, minIntervalMs: 0 });
  const server = use(
    await startEchoServer({ interceptors: [reporting], onCall: ({ method }) => clock.advance(method === "Update" ? 30 : 500) }),
  );
  const { client, transport } = await readyClient(staticTarget(server), { protocol });
  await collect(client.count({ count: 1 }));
  await client.update({});
  await collect(client.count({ count: 1 }));
  await eventually(() => inFlight(transport) === 0);
  // The mean of unary calls alone, as told by the last stream: in gRPC at its end, in the others at its start.
  expect(transport.inspect().endpoints[0]?.report).toMatchObject({ inFlight: protocol === "grpc" ? 0 : 1, latencyMs: 30 });
});
