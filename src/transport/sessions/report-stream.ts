import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import type { Clock } from "../../clock.ts";
import { type FloodLimit, FloodMeter } from "../../flood-meter.ts";
import type { LoadReport } from "../../load-report.ts";
import { decodeReport, maxReportBytes } from "./read-report.ts";
import { ResetCode } from "./reset-code.ts";

export interface ReportListener {
  /** As the server sent it, not yet bounded. */
  onReport(report: LoadReport): void;
  /** It is over, exactly once. @param isOffered false: the server says that it has no such service */
  onEnd(isOffered: boolean): void;
}

/** Ten times what a server is asked for at the most. */
const reportLimit: FloodLimit = { burst: 100, perSecond: 100 };

/** A byte for whether it is compressed, and its length in four. */
const prefixBytes = 5;

/** How HTTP says that a service is not there, or not in gRPC. */
const notOffered: ReadonlySet<number> = new Set([404, 415]);
const unimplemented = "12";

/**
 * Reads a stream of `StreamCoreMetrics` in gRPC's framing. A stream that sends what is no report for its length or its framing, or far more reports
 * than were asked for, is cancelled.
 */
export function readReports(native: ClientHttp2Stream, clock: Clock, listener: ReportListener): void {
  const meter = new FloodMeter(reportLimit, clock.now());
  let rest: Uint8Array = new Uint8Array();
  let isOffered = true;
  const onHeaders = (headers: IncomingHttpHeaders & IncomingHttpStatusHeader) => {
    if (headers["grpc-status"] === unimplemented || notOffered.has(Number(headers[":status"]))) isOffered = false;
  };
  native.on("response", onHeaders);
  native.on("trailers", onHeaders);
  native.on("data", (chunk: Buffer) => {
    if (native.closed) return;
    const read = readMessages(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    if (read === undefined || !meter.allows(clock.now())) return native.close(ResetCode.CANCEL);
    rest = read.rest;
    const report = read.newest && decodeReport(read.newest);
    if (report !== undefined) listener.onReport(report);
  });
  // "close" follows; an "error" without a listener would end the process.
  native.on("error", () => {});
  native.on("close", () => listener.onEnd(isOffered));
}

interface Messages {
  /** Those before it are out of date. */
  readonly newest: Uint8Array | undefined;
  /** The beginning of a message. */
  readonly rest: Uint8Array;
}

/** Takes messages off the front of the bytes; undefined where one is compressed or too large. */
export function readMessages(bytes: Uint8Array): Messages | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let newest: Uint8Array | undefined;
  let at = 0;
  while (bytes.length - at >= prefixBytes) {
    const length = view.getUint32(at + 1);
    if (view.getUint8(at) !== 0 || length > maxReportBytes) return undefined;
    const end = at + prefixBytes + length;
    if (end > bytes.length) break;
    newest = bytes.subarray(at + prefixBytes, end);
    at = end;
  }
  return { newest, rest: bytes.subarray(at) };
}

/** A message as gRPC frames it. */
export function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(prefixBytes + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, prefixBytes);
  return bytes;
}
