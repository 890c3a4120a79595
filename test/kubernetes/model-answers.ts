import type { ApiserverResponse } from "../../kubernetes/src/reflector/apiserver-client.ts";
import type { ByteStream } from "./byte-stream.ts";

/** A line of a watch. */
export function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** All of an answer. */
export function answer(body: ByteStream, status: number, text: string): ApiserverResponse {
  body.push(text);
  body.end();
  return { status, retryAfterMs: undefined, body };
}

/** An answer that says that there is none. */
export function failure(body: ByteStream, status: number, details?: object): ApiserverResponse {
  return answer(body, status, JSON.stringify({ kind: "Status", code: status, reason: "Model", message: `it is a ${status}`, details }));
}

/** Of one that has not seen yet what it is asked for. */
export function tooLargeVersion(body: ByteStream): ApiserverResponse {
  return failure(body, 504, { causes: [{ reason: "ResourceVersionTooLarge" }], retryAfterSeconds: 1 });
}
