import { create } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createBalancer } from "../../src/balancer/create-balancer.ts";
import { MethodRules } from "../../src/balancer/retries/method-rules.ts";
import { createRpcCalls } from "../../src/transport/rpc-calls.ts";
import { CountRequestSchema, EchoRequestSchema, EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { createModelUpstream } from "./model-upstream.ts";
import { type CallSpec, callHeader, type System, type SystemEnv } from "./system.ts";

/** The whole transport, with Connect's own protocol code. */
export function createTransportSystem(env: SystemEnv, zone?: string): System {
  const { hooks } = env;
  const heldBack: Interceptor = (next) => (request) => {
    const callId = Number(request.header.get(callHeader));
    const answer = hooks.beforeOpen(callId, request.signal).then(() => next(request));
    return Promise.race([answer, hooks.fault(callId)]);
  };
  const upstream = createModelUpstream(env, createBalancer({ random: env.random, ejection: false }), zone);
  const calls = createRpcCalls(upstream, {
    protocol: "connect",
    protocolOptions: { acceptCompression: [] },
    attemptInterceptors: [heldBack],
    scheme: "http",
    authority: undefined,
    pathPrefix: "",
    rules: new MethodRules({ retry: { maxAttempts: 2, codes: [], budget: { share: 1, minPerSecond: 1_000 } } }, env.clock.now()),
    clock: env.clock,
    random: env.random,
  });
  return {
    call: (callId, spec, signal) => (spec.isStream ? stream(calls, callId, spec, signal) : unary(calls, callId, spec, signal)),
    endpoints: () => upstream.inspect().endpoints,
    close: (graceMs) => upstream.close(graceMs),
  };
}

async function unary(transport: Transport, callId: number, { idempotent }: CallSpec, signal: AbortSignal): Promise<void> {
  const { echo } = EchoService.method;
  const method = { ...echo, idempotency: idempotent ? echo.idempotency : Idempotency.IDEMPOTENCY_UNKNOWN };
  await transport.unary(method, signal, undefined, { [callHeader]: String(callId) }, create(EchoRequestSchema));
}

async function stream(transport: Transport, callId: number, spec: CallSpec, signal: AbortSignal): Promise<void> {
  const { count } = EchoService.method;
  const method = { ...count, idempotency: spec.idempotent ? Idempotency.IDEMPOTENT : count.idempotency };
  const response = await transport.stream(method, signal, undefined, { [callHeader]: String(callId) }, requests());
  for await (const _ of response.message) if (spec.stopsEarly) break;
}

async function* requests() {
  yield create(CountRequestSchema);
}
