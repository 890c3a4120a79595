import type { Message } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { toConnectError } from "./errors.ts";
import type { ConformanceService, UnaryResponseDefinition } from "./messages.ts";
import { infoOf, toAny } from "./request-info.ts";
import { pause, setMetadata } from "./response-metadata.ts";
import { StreamReply } from "./stream-reply.ts";

/** Answers as the first request says, and tells what it saw of the requests. `Unimplemented` is not there, as its name has it. */
export const conformanceImplementation: Partial<ServiceImpl<ConformanceService>> = {
  unary: (request, context) => reply(request.responseDefinition, [request], context),

  idempotentUnary: (request, context) => reply(request.responseDefinition, [request], context),

  async clientStream(requests, context) {
    const all = await Array.fromAsync(requests);
    return reply(all[0]?.responseDefinition, all, context);
  },

  async *serverStream(request, context) {
    const reply = new StreamReply(request.responseDefinition, context);
    reply.hear(request);
    yield* reply.rest();
  },

  async *bidiStream(requests, context) {
    let reply: StreamReply | undefined;
    let isFullDuplex = false;
    for await (const request of requests) {
      if (reply === undefined) {
        reply = new StreamReply(request.responseDefinition, context);
        isFullDuplex = request.fullDuplex;
      }
      reply.hear(request);
      if (!isFullDuplex) continue;
      const response = await reply.next();
      if (response === undefined) break;
      yield response;
    }
    if (reply !== undefined) yield* reply.rest();
  },
};

async function reply(definition: UnaryResponseDefinition | undefined, requests: readonly Message[], context: HandlerContext) {
  setMetadata(definition, context);
  await pause(definition, context);
  const requestInfo = infoOf(requests, context);
  const response = definition?.response;
  if (response?.case === "error") throw toConnectError(response.value, toAny(requestInfo));
  return { payload: { requestInfo, ...(response?.case === "responseData" && { data: response.value }) } };
}
