import type { Balancer } from "../../src/balancer/balancer.ts";
import { Upstream } from "../../src/transport/upstream/upstream.ts";
import { endpointsTimeoutMs, modelSessionOptions, modelTarget, type SystemEnv } from "./system.ts";

/** The upstream of a system under test, on the fake network. */
export function createModelUpstream({ network, clock, random, source, reopens }: SystemEnv, balancer: Balancer): Upstream {
  return new Upstream({
    target: modelTarget,
    source,
    sourceName: modelTarget,
    endpointsTimeoutMs,
    balancer,
    // The model does as its source says.
    shrinkGuard: false,
    dial: network.dial,
    credentials: undefined,
    session: modelSessionOptions,
    reopens,
    emit() {},
    clock,
    random,
  });
}
