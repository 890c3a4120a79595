import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdsVariant } from "../../src/discovery/xds/ads-event.ts";
import { type EchoFleet, startEchoFleet } from "../support/echo-fleet.ts";
import { poisonedEndpoints } from "./poisoned-endpoints.ts";
import { poisonedResponses } from "./poisoned-responses.ts";
import { poisonedRoutes } from "./poisoned-routes.ts";
import { poisonedStreams } from "./poisoned-streams.ts";
import { type Poison, PoisonedWorld } from "./poisoned-world.ts";

const poisons: readonly Poison[] = [...poisonedEndpoints, ...poisonedResponses, ...poisonedRoutes, ...poisonedStreams];
const variants: readonly AdsVariant[] = ["delta", "sotw"];

let fleet: EchoFleet;
beforeAll(async () => {
  fleet = await startEchoFleet(11);
});
afterAll(() => fleet[Symbol.asyncDispose]());

describe.each(variants)("a control plane that has served well costs no call, and is followed again once it is well, %s: it", (variant) => {
  const cases = poisons.filter((poison) => (poison.variants ?? variants).includes(variant));
  test.each(cases)("$name", async ({ poison, told, first }) => {
    const world = await PoisonedWorld.start(fleet.servers, variant, first);
    await poison(world);
    await world.isTold(told);
    await world.callsGoOn();
    await world.recovers();
    if (told === "nobody") world.assertNobodyWasTold();
    expect(world.caller.failures).toEqual([]);
  });
});

test("there are at least 100 ways to be wrong", () => {
  expect(new Set(poisons.map(({ name }) => name)).size).toBeGreaterThanOrEqual(100);
});
