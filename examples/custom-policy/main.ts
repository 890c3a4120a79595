// A policy of your own: one call in ten goes to the canaries. A policy is a function that returns an object with `pick`.
import assert from "node:assert/strict";
import { createClient } from "@connectrpc/connect";
import { createBalancedTransport } from "meshless";
import type { Member, Policy } from "meshless/balancer";
import { staticSource } from "meshless/discovery";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { countAnswers } from "../count-answers.ts";
import { startEchoServer } from "../echo-server.ts";

const TRIES = 20;

/** @param share of the calls that canaries get, 0 to 1 */
function canary(share: number): Policy {
  return ({ random, candidates }) => ({
    pick(context) {
      const toCanary = random() < share;
      const isWanted = (member: Member) => (member.endpoint.labels.track === "canary") === toCanary;
      let member = candidates.sample(context);
      // Bounded, so that a fleet without canaries, or with nothing else, still answers.
      for (let tries = 1; member && !isWanted(member) && tries < TRIES; tries++) member = candidates.sample(context);
      return member;
    },
  });
}

const [stable, next] = await Promise.all([startEchoServer("stable"), startEchoServer("next")]);
const source = staticSource([
  { address: "127.0.0.1", port: stable.port },
  { address: "127.0.0.1", port: next.port, labels: { track: "canary" } },
]);

const transport = createBalancedTransport(source, { policy: canary(0.1) });
const shares = await countAnswers(createClient(EchoService, transport), 1_000);

console.log("1000 calls with a canary share of 10 %:", shares);
assert(shares.next && shares.next > 40 && shares.next < 180, "about a tenth");

await transport.close();
await Promise.all([stable.close(), next.close()]);
