import { createContextValues } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { maglev } from "../../src/balancer/policies/maglev.ts";
import { ringHash } from "../../src/balancer/policies/ring-hash.ts";
import { cost, hashKey } from "../../src/transport/connect/call-hints.ts";
import { inFlight, readyClient } from "../support/balanced-client.ts";
import { startEchoFleet } from "../support/echo-fleet.ts";
import { use } from "../support/use.ts";

it.each([
  ["maglev()", maglev()],
  ["ringHash()", ringHash()],
  ["ringHash({ boundedLoad: 1.25 })", ringHash({ boundedLoad: 1.25 })],
])("100 calls of one key, made one after the other, meet one server: %s", async (_, policy) => {
  const fleet = use(await startEchoFleet(4));
  const { client } = await readyClient(fleet.target, { policy });
  for (let call = 0; call < 100; call++) {
    const contextValues = createContextValues().set(hashKey, "user-1");
    await client.echo({}, { contextValues: call % 2 === 0 ? contextValues : contextValues.set(cost, 10) });
  }
  expect(fleet.attempts().filter((count) => count > 0)).toEqual([100]);
});

it.each(["connect", "grpc", "grpc-web"] as const)(
  "a unary call in %s is no load any more when its caller has the answer",
  async (protocol) => {
    const fleet = use(await startEchoFleet(1));
    const { client, transport } = await readyClient(fleet.target, { protocol });
    for (let call = 0; call < 10; call++) {
      await client.echo({});
      expect(inFlight(transport)).toBe(0);
    }
  },
);
