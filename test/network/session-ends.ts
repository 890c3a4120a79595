import type { BalancedTransport } from "../../src/index.ts";

/** Why sessions ended, from now on: filled as it happens. */
export function sessionEnds(transport: BalancedTransport): readonly string[] {
  const reasons: string[] = [];
  void (async () => {
    for await (const event of transport.events()) {
      if (event.type === "sessionClosed") reasons.push(event.reason);
    }
  })();
  return reasons;
}
