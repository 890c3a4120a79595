import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient } from "@grpc/grpc-js";
import { type BalancedTransportOptions, createBalancedTransport, type Endpoint } from "meshless";
import { scriptedSource } from "meshless/testing";
import { EchoRequestSchema, EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";
import { grpcTransport } from "../test/interop/grpc-transport.ts";

/** `echo` may be repeated, `update` may not. */
export type Method = "echo" | "update";

export interface Contender {
  /** Makes a call; resolves with the name of who answered. */
  call(method: Method, timeoutMs: number): Promise<string>;
  /** Who is there from now on. Those that follow no discovery know their first endpoints alone. */
  update(endpoints: readonly Endpoint[]): void;
}

export const contenders = {
  meshless: (endpoints, options) => meshless(endpoints, options),
  "grpc-js": grpcJs,
  "connect-node": connectNode,
} as const satisfies Record<string, (endpoints: readonly Endpoint[], options: BalancedTransportOptions) => Contender>;

export type ContenderName = keyof typeof contenders;

function meshless(endpoints: readonly Endpoint[], options: BalancedTransportOptions): Contender {
  const source = scriptedSource(endpoints);
  const client = createClient(EchoService, createBalancedTransport(source, options));
  return { call: caller(client), update: (endpoints) => source.update(endpoints) };
}

/** With what it has against faults: outlier detection, retries of three attempts, keep-alive pings. */
function grpcJs(endpoints: readonly Endpoint[]): Contender {
  const serviceConfig = {
    loadBalancingConfig: [
      {
        outlier_detection: {
          // Not as text: for that grpc-js would leave out all of this, and call one server alone.
          interval: { seconds: 1, nanos: 0 },
          base_ejection_time: { seconds: 5, nanos: 0 },
          max_ejection_percent: 50,
          success_rate_ejection: { minimum_hosts: 3, request_volume: 5 },
          failure_percentage_ejection: { threshold: 50, minimum_hosts: 3, request_volume: 5 },
          child_policy: [{ round_robin: {} }],
        },
      },
    ],
    retryThrottling: { maxTokens: 100, tokenRatio: 0.2 },
    methodConfig: [
      {
        name: [{ service: EchoService.typeName, method: "Echo" }],
        retryPolicy: {
          maxAttempts: 3,
          initialBackoff: "0.01s",
          maxBackoff: "0.1s",
          backoffMultiplier: 2,
          retryableStatusCodes: ["UNAVAILABLE", "INTERNAL"],
        },
      },
    ],
  };
  const client = new GrpcClient(`ipv4:${endpoints.map(hostAndPort).join(",")}`, credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify(serviceConfig),
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 1_000,
  });
  return { call: caller(createClient(EchoService, grpcTransport(client))), update: () => {} };
}

/** One connection to each, in turn: it balances nothing by itself. */
function connectNode(endpoints: readonly Endpoint[]): Contender {
  const calls = endpoints.map((endpoint) =>
    caller(createClient(EchoService, createGrpcTransport({ baseUrl: `http://${hostAndPort(endpoint)}` }))),
  );
  let turn = 0;
  return { call: (method, timeoutMs) => (calls[turn++ % calls.length] as Contender["call"])(method, timeoutMs), update: () => {} };
}

const request = create(EchoRequestSchema, { text: "hello" });

function caller(client: ReturnType<typeof createClient<typeof EchoService>>): Contender["call"] {
  return async (method, timeoutMs) => {
    const { server } = await client[method]({ text: request.text }, { timeoutMs });
    return server?.name ?? "unknown";
  };
}

/** The name of the code that a call failed with. */
export function codeOf(error: unknown): string {
  return Code[ConnectError.from(error).code] ?? "Unknown";
}

function hostAndPort({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
