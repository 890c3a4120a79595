import { Code, ConnectError, createContextKey, createContextValues, type Transport } from "@connectrpc/connect";
import type { UniversalClientFn, UniversalHandler } from "@connectrpc/connect/protocol";
import { createTransport as connect } from "@connectrpc/connect/protocol-connect";
import { createTransport as grpc } from "@connectrpc/connect/protocol-grpc";
import { createTransport as grpcWeb } from "@connectrpc/connect/protocol-grpc-web";

/** Whether a call is one of the warm-up's, for interceptors and handlers that have to know. No client can claim it: it does not come over the wire. */
export const isWarmUp = createContextKey<boolean>(false, { description: "call of a warm-up" });

const protocols = { connect, grpc, "grpc-web": grpcWeb };

/** In which protocol the calls of a warm-up are made. */
export type WarmUpProtocol = keyof typeof protocols;

const maxBytes = 2 ** 32 - 1;

/** Leads to these handlers without a connection. Its calls carry {@link isWarmUp}, and end with the signal. */
export function inProcessTransport(handlers: readonly UniversalHandler[], protocol: WarmUpProtocol, signal: AbortSignal): Transport {
  return protocols[protocol]({
    httpClient: handlerClient(handlers, signal),
    baseUrl: "http://warm-up.invalid",
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: maxBytes,
    readMaxBytes: maxBytes,
    writeMaxBytes: maxBytes,
  });
}

/** As connect's createUniversalHandlerClient, but with context values, and with trailers that are read when they are there. */
function handlerClient(handlers: readonly UniversalHandler[], signal: AbortSignal): UniversalClientFn {
  const byPath = new Map(handlers.map((handler) => [handler.requestPath, handler]));
  return async ({ url, method, header, body = noBody(), signal: ownSignal }) => {
    const path = new URL(url).pathname;
    const handler = byPath.get(path);
    if (handler === undefined) throw new ConnectError(`no route has ${path}`, Code.Unimplemented);
    const callSignal = ownSignal === undefined ? signal : AbortSignal.any([signal, ownSignal]);
    const contextValues = createContextValues().set(isWarmUp, true);
    const request = { httpVersion: "2.0", url, method, header, body, signal: callSignal, contextValues };
    const response = await untilAborted(handler(request), callSignal);
    const { status, header: responseHeader = new Headers(), body: responseBody = noBody(), trailer = new Headers() } = response;
    return { status, header: responseHeader, body: responseBody, trailer };
  };
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
