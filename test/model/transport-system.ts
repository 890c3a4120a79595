import { create, fromBinary } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Interceptor, Transport } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { createBalancer } from "../../src/balancer/create-balancer.ts";
import { MethodRules } from "../../src/balancer/retries/method-rules.ts";
import type { ProtocolOptions } from "../../src/transport/connect/protocol-options.ts";
import { createRpcCalls } from "../../src/transport/rpc-calls.ts";
import { CountRequestSchema, EchoRequestSchema, EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { createModelUpstream } from "./model-upstream.ts";
import { type CallSpec, callHeader, type System, type SystemEnv } from "./system.ts";

/** The whole transport, whose attempts are seen by an interceptor. */
export function createTransportSystem(env: SystemEnv, zone?: string): System {
  const { hooks } = env;
  const heldBack: Interceptor = (next) => (request) => {
    const callId = Number(request.header.get(callHeader));
    const answer = hooks.beforeOpen(callId, request.signal).then(() => next(request));
    return Promise.race([answer, hooks.fault(callId)]);
  };
  return systemOf(env, { attemptInterceptors: [heldBack] }, zone);
}

/**
 * The whole transport, where nobody asks for headers or signals, as most calls are made. Unary calls are held back where their request is compressed,
 * which finds the call by its message; streams are not, and nothing fails on our own side.
 */
export function createBareTransportSystem(env: SystemEnv): System {
  const signals: AbortSignal[] = [];
  const heldBack: Compression = {
    name: "held-back",
    async compress(bytes) {
      const { text } = fromBinary(EchoRequestSchema, bytes);
      const signal = text === "" ? undefined : signals[Number(text)];
      if (signal !== undefined) await env.hooks.beforeOpen(Number(text), signal);
      return bytes as Uint8Array<ArrayBuffer>;
    },
    decompress: async (bytes) => bytes as Uint8Array<ArrayBuffer>,
  };
  const system = systemOf(env, { sendCompression: heldBack, compressMinBytes: -1 });
  return {
    ...system,
    call(callId, spec, signal) {
      signals[callId] = signal;
      return system.call(callId, spec, signal);
    },
  };
}

function systemOf(
  env: SystemEnv,
  options: ProtocolOptions & { readonly attemptInterceptors?: readonly Interceptor[] },
  zone?: string,
): System {
  const { attemptInterceptors = [], ...protocolOptions } = options;
  const upstream = createModelUpstream(env, createBalancer({ random: env.random, ejection: false, zone }));
  const calls = createRpcCalls(upstream, {
    protocol: "connect",
    protocolOptions: { acceptCompression: [], ...protocolOptions },
    attemptInterceptors,
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
  await transport.unary(method, signal, undefined, { [callHeader]: String(callId) }, create(EchoRequestSchema, { text: String(callId) }));
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
