import { setImmediate } from "node:timers/promises";
import { type Client, createClient } from "@connectrpc/connect";
import { type BalancedTransport, type BalancedTransportOptions, createBalancedTransport, type EndpointSource } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { eventually } from "./until.ts";
import { use } from "./use.ts";

export interface BalancedClient {
  readonly transport: BalancedTransport;
  readonly client: Client<typeof EchoService>;
}

/** An echo client over a balanced transport, which is closed when the test ends: no call may be left in flight then. */
export function balancedClient(target: string | EndpointSource, options: BalancedTransportOptions = {}): BalancedClient {
  const transport = createBalancedTransport(target, options);
  use({ [Symbol.asyncDispose]: () => closeUnused(transport) });
  return { transport, client: createClient(EchoService, transport) };
}

async function closeUnused(transport: BalancedTransport): Promise<void> {
  try {
    await eventually(() => inFlight(transport) === 0);
  } catch (error) {
    await transport.close({ graceMs: 0 });
    throw error;
  }
  await transport.close();
}

/** As {@link balancedClient}, once every endpoint has a session: from there on the policy alone decides who is tried first. */
export async function readyClient(target: string | EndpointSource, options: BalancedTransportOptions = {}): Promise<BalancedClient> {
  const balanced = balancedClient(target, options);
  await balanced.transport.ready();
  await eventually(() => balanced.transport.inspect().endpoints.every(({ connectivity }) => connectivity === "ready"));
  // What happened on the way is told by then.
  await setImmediate();
  return balanced;
}

/** Attempts that are in flight now, over all endpoints. */
export function inFlight(transport: BalancedTransport): number {
  return transport.inspect().endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0);
}

/** Streams that sessions count as open. Those of calls that are over close some moments later. */
export function openStreams(transport: BalancedTransport): number {
  return transport.inspect().endpoints.reduce((sum, { sessions }) => sum + sessions.reduce((open, { streams }) => open + streams, 0), 0);
}
