import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type CallOptions, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, Client as GrpcClient } from "@grpc/grpc-js";
import { type BalancedTransportOptions, createBalancedTransport } from "meshless";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { rawEqualConnect, rawEqualGrpc, rawHttp2 } from "./raw.ts";
import { telemetryContenders } from "./telemetry-contenders.ts";
import { type Call, PATH, requestOf, urlOf, type Wire } from "./wire.ts";

const deadline: CallOptions = { timeoutMs: 10_000 };
const fiveHeaders: CallOptions = {
  headers: { authorization: "Bearer 0123456789", "x-request-id": "7f9c2ba4", "x-tenant": "shop", "x-user": "u-1047", "x-experiment": "b" },
};
const passThrough: Interceptor = (next) => (request) => next(request);
const all = { ...deadline, ...fiveHeaders };

/** Those who can balance do so over all ports; connect-node has one connection, to the first. */
export const plainContenders = {
  "raw-node-http2": rawHttp2,
  "raw-equal-connect": rawEqualConnect,
  "raw-equal-grpc": rawEqualGrpc,
  "grpc-js": grpcJs,
  "connect-node-connect": (wire) =>
    echo(wire, createConnectTransport({ baseUrl: urlOf(wire, wire.ports[0]), httpVersion: "2", nodeOptions: { ca: wire.ca } })),
  "connect-node-grpc": (wire) => echo(wire, createGrpcTransport({ baseUrl: urlOf(wire, wire.ports[0]), nodeOptions: { ca: wire.ca } })),
  "meshless-connect": (wire) => meshless(wire),
  "meshless-grpc": (wire) => meshless(wire, { protocol: "grpc" }),
  "meshless-grpc-web": (wire) => meshless(wire, { protocol: "grpc-web" }),
  "meshless-connect-deadline": (wire) => meshless(wire, {}, deadline),
  "meshless-connect-headers": (wire) => meshless(wire, {}, fiveHeaders),
  "meshless-connect-interceptor": (wire) => meshless(wire, { interceptors: [passThrough] }),
  "meshless-connect-all": (wire) => meshless(wire, { interceptors: [passThrough] }, all),
  "meshless-connect-gzip": (wire) => meshless(wire, { sendCompression: compressionGzip, compressMinBytes: 0 }),
} satisfies Record<string, (wire: Wire) => Call>;

export const contenders = { ...plainContenders, ...telemetryContenders({ meshless, grpcJs }) };

export type Contender = keyof typeof contenders;

/** With the equal work of whom each contender is compared. */
export function equalTo(contender: Contender): Contender {
  return contender.includes("grpc") ? "raw-equal-grpc" : "raw-equal-connect";
}

function meshless(wire: Wire, options: BalancedTransportOptions = {}, callOptions?: CallOptions): Call {
  const tls = wire.ca === undefined ? undefined : { ca: wire.ca };
  return echo(wire, createBalancedTransport(`static:///${addresses(wire)}`, { ...options, tls }), callOptions);
}

/** Calls through a transport of Connect. */
export function echo(wire: Pick<Wire, "text">, transport: Transport, options?: CallOptions): Call {
  const client = createClient(EchoService, transport);
  const request = requestOf(wire);
  return async () => (await client.echo(request, options)).text;
}

function grpcJs(wire: Wire): Call {
  const channel = wire.ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(wire.ca));
  const client = new GrpcClient(`ipv4:${addresses(wire)}`, channel, {
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  });
  const request = requestOf(wire);
  const serialize = (message: typeof request) => Buffer.from(toBinary(EchoRequestSchema, message));
  const deserialize = (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes);
  return () =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(PATH, serialize, deserialize, request, (error, response) =>
        response ? resolve(response.text) : reject(error),
      );
    });
}

function addresses({ ports }: Wire): string {
  return ports.map((port) => `127.0.0.1:${port}`).join(",");
}
