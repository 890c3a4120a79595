import type { Interceptor } from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import {
  type BalancedTransport,
  type BalancedTransportOptions,
  balanced,
  createBalancedTransport,
  type TlsOptions,
} from "../../src/index.ts";
import { type ClientCompatRequest, codecs, compressions, protocols } from "./messages.ts";
import { registry } from "./protos.ts";

/** A port on which nothing listens: `tcpmux`, of which no system has heard for decades. */
const closedPort = 1;

const senders = { identity: undefined, gzip: compressionGzip, br: compressionBrotli };

/** The ways to create a transport that are put to the test. */
export const transportsFor = {
  plain(request: ClientCompatRequest): BalancedTransport {
    return fromTarget(request, `static:///${request.host}:${request.port}`);
  },

  "beside-dead"(request: ClientCompatRequest): BalancedTransport {
    return fromTarget(request, `static:///${request.host}:${request.port},127.0.0.1:${closedPort}`);
  },

  /** With an interceptor that sees each call. */
  intercepted(request: ClientCompatRequest): BalancedTransport {
    return fromTarget(request, `static:///${request.host}:${request.port}`, { interceptors: [passThrough] });
  },

  /** With two that see each attempt: one looks at nothing, one puts another request in the place of its own. */
  "attempts-intercepted"(request: ClientCompatRequest): BalancedTransport {
    return fromTarget(request, `static:///${request.host}:${request.port}`, { attemptInterceptors: [passThrough, copying] });
  },

  balanced(request: ClientCompatRequest): BalancedTransport {
    const tls = tlsOf(request);
    const baseUrl = `${tls === undefined ? "http" : "https"}://${request.host}:${request.port}`;
    const options = { ...optionsOf(request), baseUrl, httpVersion: "2" as const, ...(tls && { nodeOptions: tls }) };
    switch (protocols[request.protocol]) {
      case "connect":
        return balanced(createConnectTransport, { ...options, useHttpGet: request.useGetHttpMethod });
      case "grpc":
        return balanced(createGrpcTransport, options);
      case "grpc-web":
        return balanced(createGrpcWebTransport, options);
    }
  },
} satisfies Record<string, (request: ClientCompatRequest) => BalancedTransport>;

const passThrough: Interceptor = (next) => (request) => next(request);

const copying: Interceptor = (next) => async (request) => {
  const response = await next({ ...request, header: new Headers(request.header) });
  return { ...response };
};

function fromTarget(request: ClientCompatRequest, target: string, more: BalancedTransportOptions = {}): BalancedTransport {
  return createBalancedTransport(target, {
    ...more,
    ...optionsOf(request),
    protocol: protocols[request.protocol],
    useHttpGet: request.useGetHttpMethod,
    tls: tlsOf(request),
  });
}

function optionsOf({ codec, compression }: ClientCompatRequest) {
  const sendCompression = senders[compressions[compression]];
  return {
    useBinaryFormat: codecs[codec] === "proto",
    // Compressed means compressed: an empty message too.
    ...(sendCompression && { sendCompression, compressMinBytes: -1 }),
    jsonOptions: { registry },
  };
}

function tlsOf({ serverTlsCert, clientTlsCreds }: ClientCompatRequest): TlsOptions | undefined {
  if (serverTlsCert.length === 0) return undefined;
  const ca = Buffer.from(serverTlsCert);
  if (clientTlsCreds === undefined) return { ca };
  return { ca, cert: Buffer.from(clientTlsCreds.cert), key: Buffer.from(clientTlsCreds.key) };
}
