import type { BinaryReadOptions, BinaryWriteOptions, JsonReadOptions, JsonWriteOptions } from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import type { CommonTransportOptions, Compression } from "@connectrpc/connect/protocol";
import { createTransport as createConnect } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpc } from "@connectrpc/connect/protocol-grpc";
import { createTransport as createGrpcWeb } from "@connectrpc/connect/protocol-grpc-web";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import { atLeast, callable, durationMs, flag, having, list, type OptionChecks, oneOf, optionsOf, whole } from "../../check-options.ts";
import { longestTimerMs } from "../../clock.ts";

/** How calls are spoken over HTTP/2. */
export type Protocol = "connect" | "grpc" | "grpc-web";

/** What goes over the wire: the same names, meanings and defaults as in connect-node. */
export interface ProtocolOptions {
  /** Binary messages; JSON if false. Default true. */
  readonly useBinaryFormat?: boolean | undefined;
  /** See one logical call, whatever number of attempts it takes. The first is the outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  readonly jsonOptions?: Partial<JsonReadOptions & JsonWriteOptions> | undefined;
  readonly binaryOptions?: Partial<BinaryReadOptions & BinaryWriteOptions> | undefined;
  /** Compressions that servers may answer with. Default gzip and brotli. */
  readonly acceptCompression?: readonly Compression[] | undefined;
  /** Compression of requests. Default none. */
  readonly sendCompression?: Compression | undefined;
  /** Messages of this size or less are sent uncompressed; with -1 none is. Default 1024. */
  readonly compressMinBytes?: number | undefined;
  /** The largest message to read. Default and most 4 GiB - 1. */
  readonly readMaxBytes?: number | undefined;
  /** The largest message to write. Default and most 4 GiB - 1. */
  readonly writeMaxBytes?: number | undefined;
  /** Connect protocol: HTTP GET for methods without side effects. Default false. */
  readonly useHttpGet?: boolean | undefined;
  /** Deadline of calls that set none, in ms: covers waiting, all attempts, and the response. Default none. */
  readonly defaultTimeoutMs?: number | undefined;
}

const maxBytes = 0xffff_ffff;
const checkLimit = whole(1, maxBytes);
const checkCompression = having<Compression>("a compression, such as compressionGzip", "compress", "decompress");
export const checkInterceptors = list<Interceptor>("a list of interceptors", callable("an interceptor"));

/** What is inside of `jsonOptions` and `binaryOptions` is up to Protobuf. */
export const protocolChecks: OptionChecks<ProtocolOptions> = {
  useBinaryFormat: flag,
  interceptors: checkInterceptors,
  jsonOptions: optionsOf<object>({}, "any"),
  binaryOptions: optionsOf<object>({}, "any"),
  acceptCompression: list("a list of compressions", checkCompression),
  sendCompression: checkCompression,
  compressMinBytes: atLeast(-1),
  readMaxBytes: checkLimit,
  writeMaxBytes: checkLimit,
  useHttpGet: flag,
  defaultTimeoutMs: durationMs,
};

/** What Connect's own protocol code is given, with all defaults filled in; but for who calls it, and what it calls. */
export type ResolvedProtocolOptions = Omit<CommonTransportOptions, "baseUrl" | "httpClient" | "interceptors"> & {
  readonly acceptCompression: Compression[];
};

export function resolveProtocolOptions(options: ProtocolOptions): ResolvedProtocolOptions {
  const { jsonOptions, binaryOptions, defaultTimeoutMs = Number.POSITIVE_INFINITY } = options;
  return {
    useBinaryFormat: options.useBinaryFormat ?? true,
    acceptCompression: [...(options.acceptCompression ?? [compressionGzip, compressionBrotli])],
    sendCompression: options.sendCompression ?? null,
    compressMinBytes: options.compressMinBytes ?? 1024,
    readMaxBytes: options.readMaxBytes ?? maxBytes,
    writeMaxBytes: options.writeMaxBytes ?? maxBytes,
    useHttpGet: options.useHttpGet ?? false,
    ...(jsonOptions && { jsonOptions }),
    ...(binaryOptions && { binaryOptions }),
    ...(defaultTimeoutMs <= longestTimerMs && { defaultTimeoutMs }),
  };
}

/** Connect's own protocol code over an HTTP client of ours. */
export function createProtocolTransport(
  protocol: Protocol,
  options: ResolvedProtocolOptions,
  init: Pick<CommonTransportOptions, "baseUrl" | "httpClient" | "interceptors">,
): Transport {
  return factories[protocol]({ ...options, ...init });
}

/** Connect's code hands it to a timer of Node.js: what is too long for one is no deadline, and no deadline is 0. */
export function asConnectHasIt(timeoutMs: number | undefined): number | undefined {
  return timeoutMs !== undefined && timeoutMs > longestTimerMs ? 0 : timeoutMs;
}

const factories = { connect: createConnect, grpc: createGrpc, "grpc-web": createGrpcWeb };

export const checkProtocol = oneOf<Protocol>("connect", "grpc", "grpc-web");
