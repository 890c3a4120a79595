import type { DescEnum, DescField, DescMessage, DescService } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import protobuf from "protobufjs";

/** What of a type both ends of a wire must agree on: a text for each field, value or method, by its name. */
export type Shape = Readonly<Record<string, string>>;

export function shapeOf(type: DescMessage | DescEnum | DescService): Shape {
  switch (type.kind) {
    case "message":
      return Object.fromEntries(type.fields.map((field) => [field.name, shapeOfField(field)]));
    case "enum":
      return Object.fromEntries(type.values.map(({ name, number }) => [name, String(number)]));
    case "service":
      return Object.fromEntries(
        type.methods.map(({ name, methodKind, input, output }) => {
          const isClientStream = methodKind === "client_streaming" || methodKind === "bidi_streaming";
          const isServerStream = methodKind === "server_streaming" || methodKind === "bidi_streaming";
          return [name, method(isClientStream, input.typeName, isServerStream, output.typeName)];
        }),
      );
  }
}

/** The same of a type that protobufjs has read. */
export function shapeOfUpstream(type: protobuf.ReflectionObject): Shape {
  if (type instanceof protobuf.Type) return Object.fromEntries(type.fieldsArray.map((field) => [field.name, shapeOfUpstreamField(field)]));
  if (type instanceof protobuf.Enum) {
    return Object.fromEntries(Object.entries(type.values).map(([name, number]) => [name, String(number)]));
  }
  if (!(type instanceof protobuf.Service)) throw new Error(`${type.fullName} is neither message, enum nor service`);
  return Object.fromEntries(
    type.methodsArray.map((rpc) => [
      rpc.name,
      method(rpc.requestStream, fullName(rpc.resolvedRequestType), rpc.responseStream, fullName(rpc.resolvedResponseType)),
    ]),
  );
}

function method(isClientStream: boolean | undefined, input: string, isServerStream: boolean | undefined, output: string): string {
  return `${isClientStream ? "stream " : ""}${input} -> ${isServerStream ? "stream " : ""}${output}`;
}

function shapeOfField(field: DescField): string {
  const type = () => {
    switch (field.fieldKind) {
      case "map": {
        const value = field.message?.typeName ?? field.enum?.typeName ?? scalar(field.scalar);
        return `map<${scalar(field.mapKey)}, ${value}>`;
      }
      case "list":
        return `repeated ${field.message?.typeName ?? field.enum?.typeName ?? scalar(field.scalar)}`;
      default:
        return field.message?.typeName ?? field.enum?.typeName ?? scalar(field.scalar);
    }
  };
  return described(field.number, type(), field.oneof?.name);
}

function scalar(type: ScalarType | undefined): string {
  return type === undefined ? "nothing" : ScalarType[type].toLowerCase();
}

function shapeOfUpstreamField(field: protobuf.Field): string {
  const value = field.resolvedType === null ? field.type : fullName(field.resolvedType);
  const type = field instanceof protobuf.MapField ? `map<${field.keyType}, ${value}>` : `${field.repeated ? "repeated " : ""}${value}`;
  return described(field.id, type, field.partOf?.name);
}

function described(number: number, type: string, oneof: string | undefined): string {
  return `${type} = ${number}${oneof === undefined ? "" : ` in ${oneof}`}`;
}

function fullName(type: protobuf.ReflectionObject | null): string {
  return type?.fullName.replace(/^\./, "") ?? "nothing";
}
