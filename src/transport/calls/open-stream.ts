import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import { ResetCode } from "../sessions/reset-code.ts";
import { AttemptStream, type StreamOwner } from "./attempt-stream.ts";
import { beyondNode, beyondSettings } from "./header-limit.ts";

/** The type of HEADERS frames (RFC 9113, 6.2). */
const headersFrame = 1;

/**
 * Opens the stream of an attempt on its place.
 *
 * @throws ConnectError for headers that can't be sent
 */
export function openStream(owner: StreamOwner, headers: OutgoingHttpHeaders, endStream: boolean): AttemptStream {
  const { session, address } = owner.place;
  const error = beyondSettings(headers, session.maxHeaderListBytes, address);
  if (error !== undefined) throw error;
  let native: ClientHttp2Stream;
  try {
    native = session.request(headers, endStream);
  } catch (error) {
    throw ConnectError.from(error, Code.InvalidArgument);
  }
  const stream = new AttemptStream(native, owner);
  native.on("frameError", (type, code) => {
    // Node.js then resets the stream as if the server had refused it.
    if (type === headersFrame && code === ResetCode.FRAME_SIZE_ERROR) stream.unsendable = beyondNode(headers);
  });
  return stream;
}
