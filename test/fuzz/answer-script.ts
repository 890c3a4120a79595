import type { FakeHttp2Stream } from "../model/fake-http2-stream.ts";

/** What a server does on one stream. */
export type Script = (stream: FakeHttp2Stream) => Promise<void>;

type ContentTypes = readonly (string | undefined)[];

export const unaryTypes: ContentTypes = [
  "application/proto",
  "application/grpc+proto",
  "application/grpc-web+proto",
  "application/grpc",
  "application/json",
  "application/json; charset=utf-8",
  "text/html",
  undefined,
];

export const streamTypes: ContentTypes = [
  "application/connect+proto",
  "application/grpc+proto",
  "application/grpc-web+proto",
  "application/grpc",
  "application/connect+json",
  "application/connect+proto; charset=utf-8",
  "application/proto",
  undefined,
];

const statuses = [200, 200, 200, 200, 200, 404, 429, 503];
const encodings = [undefined, "identity", "gzip", "br", "deflate", "GZIP", undefined, undefined];
const trailers: readonly Record<string, string>[] = [
  { "grpc-status": "0" },
  { "grpc-status": "0", "x-more": "7" },
  { "grpc-status": "5", "grpc-message": "not%20here" },
  { "grpc-status": "99" },
  {},
  { "grpc-status": "0", "grpc-status-details-bin": "CAUSBm5vdCBvaw" },
  { "grpc-message": "no status" },
  { "grpc-status": "00" },
];
const extras: readonly Record<string, string>[] = [
  {},
  { "trailer-x-more": "7", "x-header": "a" },
  { "grpc-status": "0" },
  { "grpc-status": "13", "grpc-message": "broken" },
  { "content-length": "7" },
  { "content-length": "12" },
  {},
  {},
];

/** The first five bytes choose headers, encoding, trailers and the sizes of chunks; the others are the body. */
export function readScript(input: Buffer, contentTypes: ContentTypes): Script {
  const at = (index: number) => input[index] ?? 0;
  const contentType = contentTypes[at(0) & 7];
  const status = statuses[(at(0) >> 3) & 7] as number;
  const encoding = encodings[at(1) & 7];
  const extra = extras[(at(1) >> 3) & 7];
  const hasTrailers = at(2) >= 128;
  const chunkBytes = at(3) === 0 ? Number.POSITIVE_INFINITY : at(3);
  const body = input.subarray(4);
  return async (stream) => {
    stream.respond({
      ":status": status,
      ...(contentType !== undefined && { "content-type": contentType }),
      ...(encoding !== undefined && { "content-encoding": encoding, "grpc-encoding": encoding, "connect-content-encoding": encoding }),
      ...extra,
    });
    for (let from = 0; from < body.length; from += chunkBytes) {
      stream.send(body.subarray(from, Math.min(from + chunkBytes, body.length)));
      if (at(2) & 64) await new Promise((resolve) => setImmediate(resolve));
    }
    stream.finishAnswer(hasTrailers ? trailers[at(2) & 7] : undefined);
  };
}
