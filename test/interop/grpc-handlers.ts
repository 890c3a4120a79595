import { type EventEmitter, once } from "node:events";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createHandlerContext, type HandlerContext } from "@connectrpc/connect";
import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { grpcMethod, toHeaders, toMetadata, toStatus } from "./grpc-definition.ts";

type Unary = ServerUnaryCall<object, object> | ServerReadableStream<object, object>;
type Streaming = ServerWritableStream<object, object> | ServerDuplexStream<object, object>;
type Context = ReturnType<typeof createHandlerContext>;
type Handler = (request: unknown, context: HandlerContext) => unknown;

/** Serves the methods of a Connect implementation through @grpc/grpc-js; those that it leaves out stay unimplemented. */
export function grpcHandlers(service: DescService, implementation: object): UntypedServiceImplementation {
  const handlers: UntypedServiceImplementation = {};
  for (const method of service.methods) {
    const handler = (implementation as Record<string, Handler | undefined>)[method.localName];
    if (handler !== undefined) handlers[method.localName] = grpcHandler(method, handler);
  }
  return handlers;
}

function grpcHandler(method: DescMethod, handler: Handler) {
  const { requestStream, responseStream } = grpcMethod(method);
  const requestOf = (call: Unary | Streaming) => {
    if (!requestStream) return (call as ServerUnaryCall<object, object>).request;
    // A handler that stops reading is about to answer: destroyed, the call could not.
    return (call as ServerDuplexStream<object, object>).iterator({ destroyOnReturn: false });
  };
  if (responseStream) {
    return (call: Streaming) => {
      const context = contextOf(method, call);
      return answerMany(call, context, handler(requestOf(call), context) as AsyncIterable<object>);
    };
  }
  return async (call: Unary, callback: sendUnaryData<object>) => {
    const context = contextOf(method, call);
    try {
      const response = (await handler(requestOf(call), context)) as object;
      call.sendMetadata(toMetadata(context.responseHeader));
      callback(null, response, toMetadata(context.responseTrailer));
    } catch (error) {
      callback(toStatus(error));
    }
  };
}

async function answerMany(call: Streaming, context: Context, responses: AsyncIterable<object>): Promise<void> {
  try {
    let begun = false;
    for await (const response of responses) {
      if (!begun) call.sendMetadata(toMetadata(context.responseHeader));
      begun = true;
      if (!call.write(response)) await once(call, "drain", { signal: context.signal });
    }
    call.end(toMetadata(context.responseTrailer));
  } catch (error) {
    call.emit("error", toStatus(error));
  }
}

function contextOf(method: DescMethod, call: Unary | Streaming): Context {
  const context = createHandlerContext({
    service: method.parent,
    method,
    protocolName: "grpc",
    requestMethod: "POST",
    url: `http://${call.getHost()}${call.getPath()}`,
    requestHeader: toHeaders(call.metadata),
  });
  (call as EventEmitter).on("cancelled", () => context.abort(new ConnectError("the client cancelled", Code.Canceled)));
  return context;
}
