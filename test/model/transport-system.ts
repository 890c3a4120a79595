import { create } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Interceptor } from "@connectrpc/connect";
import { createBalancer } from "../../src/balancer/create-balancer.ts";
import { silentLogger } from "../../src/logger.ts";
import { PooledTransport } from "../../src/transport/balanced-transport.ts";
import { EventHub } from "../../src/transport/events/event-hub.ts";
import { CountRequestSchema, EchoRequestSchema, EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { type CallSpec, callHeader, endpointsTimeoutMs, modelSessionOptions, modelTarget, type System, type SystemEnv } from "./system.ts";

/** The whole transport, with Connect's own protocol code. */
export function createTransportSystem(env: SystemEnv, zone?: string): System {
  const { network, clock, random, source, hooks } = env;
  const heldBack: Interceptor = (next) => (request) => {
    const callId = Number(request.header.get(callHeader));
    const answer = hooks.beforeOpen(callId, request.signal).then(() => next(request));
    return Promise.race([answer, hooks.fault(callId)]);
  };
  const transport = new PooledTransport({
    target: modelTarget,
    source,
    sourceName: modelTarget,
    balancer: createBalancer({ random, ejection: false }),
    hub: new EventHub(modelTarget, silentLogger),
    dial: network.dial,
    credentials: undefined,
    session: modelSessionOptions,
    protocol: "connect",
    protocolOptions: { acceptCompression: [] },
    attemptInterceptors: [heldBack],
    scheme: "http",
    authority: undefined,
    pathPrefix: "",
    zone,
    endpointsTimeoutMs,
    clock,
    random,
  });
  return {
    call: (callId, spec, signal) => (spec.isStream ? stream(transport, callId, spec, signal) : unary(transport, callId, spec, signal)),
    endpoints: () => transport.inspect().endpoints,
    close: (graceMs) => transport.close({ graceMs }),
  };
}

async function unary(transport: PooledTransport, callId: number, { idempotent }: CallSpec, signal: AbortSignal): Promise<void> {
  const { echo } = EchoService.method;
  const method = { ...echo, idempotency: idempotent ? echo.idempotency : Idempotency.IDEMPOTENCY_UNKNOWN };
  await transport.unary(method, signal, undefined, { [callHeader]: String(callId) }, create(EchoRequestSchema));
}

async function stream(transport: PooledTransport, callId: number, spec: CallSpec, signal: AbortSignal): Promise<void> {
  const { count } = EchoService.method;
  const method = { ...count, idempotency: spec.idempotent ? Idempotency.IDEMPOTENT : count.idempotency };
  const response = await transport.stream(method, signal, undefined, { [callHeader]: String(callId) }, requests());
  for await (const _ of response.message) if (spec.stopsEarly) break;
}

async function* requests() {
  yield create(CountRequestSchema);
}
