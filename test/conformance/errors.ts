import type { Any } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import type { Init, ProtoError } from "./messages.ts";

/** An error that a client received, as the runner writes it. */
export function toProtoError({ code, rawMessage, details }: ConnectError): Init<ProtoError> {
  return { code, message: rawMessage, details: details.flatMap((detail) => ("type" in detail ? [toAny(detail)] : [])) };
}

/** The error that the runner wants a server to raise, with one detail more. */
export function toConnectError({ code, message = "", details }: ProtoError, ...more: readonly Any[]): ConnectError {
  const error = new ConnectError(message, code);
  error.details = [...details, ...more].map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value }));
  return error;
}

function toAny({ type, value }: { readonly type: string; readonly value: Uint8Array }): Init<Any> {
  return { typeUrl: `type.googleapis.com/${type}`, value };
}
