import type { MessageInitShape } from "@bufbuild/protobuf";
import { ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type {
  EchoStatus,
  PayloadSchema,
  StreamingOutputCallRequest,
  StreamingOutputCallResponseSchema,
  TestService,
} from "../gen/grpc/testing/test_pb.ts";
import type { CallLog } from "./call-log.ts";

export const initialMetadataKey = "x-grpc-test-echo-initial";
export const trailingMetadataKey = "x-grpc-test-echo-trailing-bin";

/** gRPC's interop service. `UnimplementedCall` is left out, as it has to be. */
export function interopService(serverId: string, log: CallLog): Omit<ServiceImpl<typeof TestService>, "unimplementedCall"> {
  const begin = (context: HandlerContext) => {
    log.begin(context);
    echoMetadata(context);
  };
  return {
    emptyCall(_request, context) {
      begin(context);
      return {};
    },
    unaryCall({ responseSize, responseStatus }, context) {
      begin(context);
      failIfAsked(responseStatus);
      return { payload: zeros(responseSize), serverId };
    },
    async *streamingOutputCall(request, context) {
      begin(context);
      yield* responsesTo(request);
    },
    async streamingInputCall(requests, context) {
      begin(context);
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
      return { aggregatedPayloadSize };
    },
    async *fullDuplexCall(requests, context) {
      begin(context);
      for await (const request of requests) yield* responsesTo(request);
    },
  };
}

/** A payload of so many zeros. */
export function zeros(bytes: number): MessageInitShape<typeof PayloadSchema> {
  return { body: new Uint8Array(bytes) };
}

function* responsesTo(request: StreamingOutputCallRequest): Generator<MessageInitShape<typeof StreamingOutputCallResponseSchema>> {
  failIfAsked(request.responseStatus);
  for (const { size } of request.responseParameters) yield { payload: zeros(size) };
}

function failIfAsked(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw new ConnectError(status.message, status.code);
}

function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const initial = requestHeader.get(initialMetadataKey);
  const trailing = requestHeader.get(trailingMetadataKey);
  if (initial !== null) responseHeader.set(initialMetadataKey, initial);
  if (trailing !== null) responseTrailer.set(trailingMetadataKey, trailing);
}
