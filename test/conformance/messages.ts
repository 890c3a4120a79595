import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Code } from "@connectrpc/connect";

// The runner's messages, as far as they are read or written here. Their descriptors come with the runner, see protos.ts.

/** What a message is made from. */
export type Init<Shape extends Message> = MessageInitShape<GenMessage<Shape>>;

type Conformance<Name extends string, Fields> = Message<`connectrpc.conformance.v1.${Name}`> & Fields;

type Oneof<Cases> =
  | { [Case in keyof Cases]: { readonly case: Case; readonly value: Cases[Case] } }[keyof Cases]
  | { readonly case: undefined };

/** Values of `connectrpc.conformance.v1.Protocol`. */
export const protocols = { 1: "connect", 2: "grpc", 3: "grpc-web" } as const;
/** Values of `connectrpc.conformance.v1.Codec`. */
export const codecs = { 1: "proto", 2: "json" } as const;
/** Values of `connectrpc.conformance.v1.Compression`. */
export const compressions = { 1: "identity", 2: "gzip", 3: "br" } as const;
/** Of `connectrpc.conformance.v1.StreamType`, the one that the kind of the method does not tell. */
export const fullDuplexBidiStream = 5;

export type Header = Conformance<"Header", { name: string; value: string[] }>;
export type ProtoError = Conformance<"Error", { code: Code; message?: string; details: Any[] }>;
type TlsCreds = Conformance<"TLSCreds", { cert: Uint8Array; key: Uint8Array }>;

type Cancel = Conformance<
  "ClientCompatRequest.Cancel",
  { cancelTiming: Oneof<{ beforeCloseSend: Message; afterCloseSendMs: number; afterNumResponses: number }> }
>;

export type ClientCompatRequest = Conformance<
  "ClientCompatRequest",
  {
    testName: string;
    protocol: keyof typeof protocols;
    codec: keyof typeof codecs;
    compression: keyof typeof compressions;
    host: string;
    port: number;
    /** Empty: no TLS. */
    serverTlsCert: Uint8Array;
    clientTlsCreds?: TlsCreds;
    method?: string;
    streamType: number;
    useGetHttpMethod: boolean;
    requestHeaders: Header[];
    requestMessages: Any[];
    timeoutMs?: number;
    requestDelayMs: number;
    cancel?: Cancel;
  }
>;

export type ClientResponseResult = Conformance<
  "ClientResponseResult",
  { responseHeaders: Header[]; payloads: ConformancePayload[]; error?: ProtoError; responseTrailers: Header[] }
>;
type ClientErrorResult = Conformance<"ClientErrorResult", { message: string }>;
export type ClientCompatResponse = Conformance<
  "ClientCompatResponse",
  { testName: string; result: Oneof<{ response: ClientResponseResult; error: ClientErrorResult }> }
>;

export type ServerCompatRequest = Conformance<
  "ServerCompatRequest",
  {
    /** Empty: clients need no certificate. */
    clientTlsCert: Uint8Array;
    messageReceiveLimit: number;
    /** Absent: no TLS. */
    serverCreds?: TlsCreds;
  }
>;
export type ServerCompatResponse = Conformance<"ServerCompatResponse", { host: string; port: number; pemCert: Uint8Array }>;

export type ConformancePayload = Conformance<"ConformancePayload", { data: Uint8Array; requestInfo?: RequestInfo }>;
export type RequestInfo = Conformance<
  "ConformancePayload.RequestInfo",
  { requestHeaders: Header[]; timeoutMs?: bigint; requests: Any[]; connectGetInfo?: ConnectGetInfo }
>;
type ConnectGetInfo = Conformance<"ConformancePayload.ConnectGetInfo", { queryParams: Header[] }>;

/** What definitions of responses have in common. */
export interface ResponseMetadata {
  responseHeaders: Header[];
  responseTrailers: Header[];
  responseDelayMs: number;
}
export type UnaryResponseDefinition = Conformance<
  "UnaryResponseDefinition",
  ResponseMetadata & { response: Oneof<{ responseData: Uint8Array; error: ProtoError }> }
>;
export type StreamResponseDefinition = Conformance<
  "StreamResponseDefinition",
  ResponseMetadata & { responseData: Uint8Array[]; error?: ProtoError }
>;

type Request<Name extends string, Fields = unknown> = GenMessage<Conformance<Name, Fields>>;
/** That of `Unimplemented` never comes. */
type Response<Name extends string> = GenMessage<Conformance<Name, { payload?: ConformancePayload }>>;
interface WithUnaryDefinition {
  responseDefinition?: UnaryResponseDefinition;
}
interface WithStreamDefinition {
  responseDefinition?: StreamResponseDefinition;
}

export type ConformanceService = GenService<{
  unary: { methodKind: "unary"; input: Request<"UnaryRequest", WithUnaryDefinition>; output: Response<"UnaryResponse"> };
  idempotentUnary: {
    methodKind: "unary";
    input: Request<"IdempotentUnaryRequest", WithUnaryDefinition>;
    output: Response<"IdempotentUnaryResponse">;
  };
  unimplemented: { methodKind: "unary"; input: Request<"UnimplementedRequest">; output: Response<"UnimplementedResponse"> };
  serverStream: {
    methodKind: "server_streaming";
    input: Request<"ServerStreamRequest", WithStreamDefinition>;
    output: Response<"ServerStreamResponse">;
  };
  clientStream: {
    methodKind: "client_streaming";
    input: Request<"ClientStreamRequest", WithUnaryDefinition>;
    output: Response<"ClientStreamResponse">;
  };
  bidiStream: {
    methodKind: "bidi_streaming";
    input: Request<"BidiStreamRequest", WithStreamDefinition & { fullDuplex: boolean }>;
    output: Response<"BidiStreamResponse">;
  };
}>;
