import type { Contender } from "../contender.ts";
import { samplerOf } from "../engine/distributions.ts";
import type { RandomStreams } from "../engine/random-streams.ts";
import type { ClientGroup } from "../scenario.ts";
import { ArrivalTimes } from "./arrival-times.ts";
import { sharesOf } from "./client-shares.ts";
import { Deadlines } from "./deadlines.ts";
import { Keys } from "./keys.ts";
import { repeatsOf } from "./repeats.ts";
import { SimClient, type World } from "./sim-client.ts";

/** The clients of a scenario, in its order. */
export function buildClients(
  groups: readonly ClientGroup[],
  contenderOf: (group: ClientGroup) => Contender,
  world: World,
  streams: RandomStreams,
): readonly SimClient[] {
  return groups.flatMap((group) => buildGroup(group, contenderOf(group), world, streams.below("clients", group.name)));
}

function buildGroup(group: ClientGroup, contender: Contender, world: World, streams: RandomStreams): readonly SimClient[] {
  const shared = {
    contender,
    zone: group.zone,
    burst: group.burst ?? 1,
    work: samplerOf(group.work),
    ownWork: group.ownWork && samplerOf(group.ownWork),
    mistaken: group.mistaken,
    keys: group.keys === undefined ? undefined : new Keys(group.keys),
    timeoutMs: group.timeoutMs ?? 5000,
    deadlines: new Deadlines(world.time),
    attemptDeadlines: new Deadlines(world.time),
  };
  return sharesOf(group, streams.of("shares")).map((share, number) => {
    const own = streams.below(number);
    const arrivals = new ArrivalTimes(group.rate, share / shared.burst, own.of("arrivals"));
    return new SimClient(world, { ...shared, repeats: repeatsOf(group), streams: own, arrivals });
  });
}

/** How many clients are in each zone. */
export function countByZone(groups: readonly ClientGroup[]): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { zone, count } of groups) counts.set(zone, (counts.get(zone) ?? 0) + count);
  return counts;
}
