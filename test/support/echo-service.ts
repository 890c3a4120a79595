import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { type Behavior, type EchoService, ServerSchema } from "../gen/meshless/testing/v1/echo_pb.ts";

/** Request header `x-text` comes back as `x-reply-text`, in the headers and in the trailers; `x-data-bin` likewise. */
const REFLECTED = ["text", "data-bin"] as const;

/** The echo service as proto/meshless/testing/v1/echo.proto describes it. */
export function echoService(name: string): ServiceImpl<typeof EchoService> {
  const server: MessageInitShape<typeof ServerSchema> = { name };
  const answer = async (behavior: Behavior | undefined) => {
    if (behavior?.delayMs) await new Promise((resolve) => setTimeout(resolve, behavior.delayMs));
    if (behavior?.failCode && behavior.failAfter === 0) throw failure(behavior.failCode, name);
    return { server, padding: new Uint8Array(behavior?.size ?? 0) };
  };
  return {
    async echo({ text, behavior }, context) {
      reflect(context, name);
      return { text, ...(await answer(behavior)) };
    },
    async update({ text, behavior }, context) {
      reflect(context, name);
      return { text, ...(await answer(behavior)) };
    },
    async *count({ count, behavior }, context) {
      reflect(context, name);
      for (let number = 1; number <= count; number++) {
        if (behavior?.failCode && number > behavior.failAfter) throw failure(behavior.failCode, name);
        yield { number, ...(await answer(behavior)) };
      }
    },
    async collect(requests, context) {
      reflect(context, name);
      const texts: string[] = [];
      let last: Behavior | undefined;
      for await (const { text, behavior } of requests) {
        texts.push(text);
        last = behavior;
      }
      return { text: texts.join(" "), messages: texts.length, ...(await answer(last)) };
    },
    async *chat(requests, context) {
      reflect(context, name);
      for await (const { text, behavior } of requests) {
        yield { text, ...(await answer(behavior)) };
      }
    },
  };
}

/** Headers both ways: some of what the caller sent comes back, and every answer says who gave it. */
function reflect({ requestHeader, responseHeader, responseTrailer }: HandlerContext, name: string): void {
  responseHeader.set("x-server", name);
  responseTrailer.set("x-served-by", name);
  for (const key of REFLECTED) {
    const value = requestHeader.get(`x-${key}`);
    if (value === null) continue;
    responseHeader.set(`x-reply-${key}`, value);
    responseTrailer.set(`x-reply-${key}`, value);
  }
}

/** The failure that a request asked for, with metadata and a detail that name the server. */
function failure(code: Code, name: string): ConnectError {
  return new ConnectError(`failed as asked: ${Code[code]}`, code, { "x-failed-at": name }, [{ desc: ServerSchema, value: { name } }]);
}
