import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { Metadata, type MethodDefinition, type ServiceDefinition, type StatusObject } from "@grpc/grpc-js";

/** A service as @grpc/grpc-js knows it; methods go by their names in TypeScript. Messages may be given as their fields alone. */
export function grpcDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, grpcMethod(method)]));
}

export function grpcMethod(method: DescMethod): MethodDefinition<MessageInitShape<DescMessage>, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: serializer(method.input),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: serializer(method.output),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

function serializer<Desc extends DescMessage>(schema: Desc): (message: MessageInitShape<Desc>) => Buffer {
  return (message) => {
    const bytes = toBinary(schema, create(schema, message));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  };
}

/** @param headers with at most one value for each name that ends in `-bin` */
export function toMetadata(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) metadata.add(name, name.endsWith("-bin") ? Buffer.from(value, "base64") : value);
  return metadata;
}

export function toHeaders(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(metadata.toJSON())) {
    for (const value of values) headers.append(name, typeof value === "string" ? value : value.toString("base64"));
  }
  return headers;
}

/** What a handler threw, as @grpc/grpc-js is told of it. */
export function toStatus(error: unknown): Partial<StatusObject> {
  const { code, rawMessage, metadata } = ConnectError.from(error, Code.Unknown);
  return { code: code as number, details: rawMessage, metadata: toMetadata(metadata) };
}
