// Optimises: an even count of calls. In a stable set, each endpoint gets as many as any other, to within one.
// Wrong when: calls or endpoints differ in what they take; a slow endpoint gets as many as a fast one and falls behind. Ignores weights.
// Cold: a newcomer gets its even share at once. Each client starts at a place of its own, so that many clients that start together
//   do not walk in step.
// Recovers: it keeps no memory besides its place; when members come and go, one of them may get its turn a round early or late.
// Source: gRPC's round_robin, https://github.com/grpc/grpc/blob/master/doc/load-balancing.md
import { randomIndex } from "../../random-source.ts";
import type { Policy } from "../policy.ts";
import { forgetShards } from "./forget-shards.ts";

/** The eligible endpoints in turn, for each shard on its own. */
export function roundRobin(): Policy {
  return ({ random, candidates }) => {
    // A place for each shard: with a shared one, two shards called in turn would each see only every other place.
    const nextPlaces = new Map<string | undefined, number>();
    return {
      membership: (members) => forgetShards(nextPlaces, members),
      pick(context) {
        const places = candidates.places(context);
        if (places === 0) return undefined;
        const next = nextPlaces.get(context.shard) ?? randomIndex(random, places);
        // Whoever stood beyond the end has left, so the round is over: taking the remainder would skip the first places.
        const first = next < places ? next : 0;
        for (let step = 0; step < places; step += 1) {
          const place = (first + step) % places;
          const member = candidates.at(context, place);
          if (member === undefined) continue;
          nextPlaces.set(context.shard, place + 1);
          return member;
        }
        return undefined;
      },
    };
  };
}
