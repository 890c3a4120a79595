import { type EventEmitter, once } from "node:events";
import type { Message, MessageShape } from "@bufbuild/protobuf";
import { ConnectError, type StreamResponse, type Transport } from "@connectrpc/connect";
import type { CallOptions, Client, ClientDuplexStream, ClientUnaryCall, Metadata, StatusObject } from "@grpc/grpc-js";
import { grpcMethod, toHeaders, toMetadata } from "./grpc-definition.ts";

/** A client of @grpc/grpc-js that is called as Connect's clients are, so that the same cases can be put to it. */
export function grpcTransport(client: Client): Transport {
  return {
    async unary(method, signal, timeoutMs, requestHeader, input) {
      const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
      let message: Message | undefined;
      const metadata = toMetadata(new Headers(requestHeader));
      const options = optionsFor(timeoutMs);
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, input, metadata, options, (_error, response) => {
        message = response;
      });
      const { header, status } = follow(call, signal);
      const trailer = await status;
      return { stream: false, service: method.parent, method, header, trailer, message: message as MessageShape<typeof method.output> };
    },
    async stream(method, signal, timeoutMs, requestHeader, input) {
      const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
      const metadata = toMetadata(new Headers(requestHeader));
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, optionsFor(timeoutMs));
      const { header, status, begun } = follow(call, signal);
      const trailer = new Headers();
      const send = async () => {
        for await (const message of input) {
          if (!call.write(message)) await once(call, "drain");
        }
        call.end();
      };
      // A call that fails under its requests says so itself.
      send().catch(() => {});
      async function* receive() {
        try {
          yield* call;
        } catch {
          // The status tells why.
        }
        for (const [name, value] of await status) trailer.append(name, value);
      }
      await begun;
      return { stream: true, service: method.parent, method, header, trailer, message: receive() } as StreamResponse<
        typeof method.input,
        typeof method.output
      >;
    },
  };
}

function optionsFor(timeoutMs: number | undefined): CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

/** Cancels the call with the signal, and gathers what it says: `status` resolves with the trailers, or fails. */
function follow(call: ClientUnaryCall | ClientDuplexStream<object, object>, signal: AbortSignal | undefined) {
  const events: EventEmitter = call;
  const header = new Headers();
  const begun = Promise.withResolvers<void>();
  const status = Promise.withResolvers<Headers>();
  signal?.addEventListener("abort", () => call.cancel());
  events.on("metadata", (metadata: Metadata) => {
    for (const [name, value] of toHeaders(metadata)) header.append(name, value);
    begun.resolve();
  });
  events.on("status", ({ code, details, metadata }: StatusObject) => {
    const trailer = toHeaders(metadata);
    if (code === 0) status.resolve(trailer);
    else status.reject(new ConnectError(details, code as number, trailer));
    begun.resolve();
  });
  // "status" tells the same; without a listener an "error" would end the process.
  events.on("error", () => {});
  status.promise.catch(() => {});
  return { header, begun: begun.promise, status: status.promise };
}
