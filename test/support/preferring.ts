import type { Member } from "../../src/balancer/member.ts";
import type { Policy } from "../../src/balancer/policy.ts";

/** A policy that tries these servers in this order, and any others last: it makes known who gets the first attempt. */
export function preferring(...servers: readonly { readonly port: number }[]): Policy {
  const rank = ({ endpoint }: Member) =>
    (servers.findIndex(({ port }) => port === endpoint.port) + servers.length + 1) % (servers.length + 1);
  return ({ candidates }) => ({
    pick(context) {
      let best: Member | undefined;
      for (let place = 0; place < candidates.places(context); place++) {
        const member = candidates.at(context, place);
        if (member !== undefined && (best === undefined || rank(member) < rank(best))) best = member;
      }
      return best;
    },
  });
}
