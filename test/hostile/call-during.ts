import type { Client } from "@connectrpc/connect";
import type { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import type { Attack } from "./attack.ts";

/** Calls as long as the attack lasts, four at a time, and at least `least`: how many there were, and how many failed. */
export async function callDuring(
  client: Client<typeof EchoService>,
  attack: Attack,
  least: number,
): Promise<{ readonly calls: number; readonly failed: number }> {
  let calls = 0;
  let failed = 0;
  while (calls < least || !attack.isOver()) {
    const round = await Promise.allSettled(Array.from({ length: 4 }, () => client.echo({}, { timeoutMs: 5_000 })));
    calls += round.length;
    failed += round.filter(({ status }) => status === "rejected").length;
  }
  return { calls, failed };
}
