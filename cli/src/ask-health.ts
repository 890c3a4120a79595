import { once } from "node:events";
import { type ClientHttp2Stream, connect } from "node:http2";

export interface HealthAnswer {
  /** Undefined: it has no health service. */
  readonly isServing: boolean | undefined;
  /** By its clock, in ms since 1970, if it tells. */
  readonly timeOfDay: number | undefined;
}

const unimplemented = "12";

/**
 * Asks `grpc.health.v1` for the server as a whole. Not through a client of gRPC's: its answer's headers tell the time as well.
 *
 * @param url as `http://10.0.0.1:18000`
 * @throws Error if it does not answer in time
 */
export async function askHealth(url: string, tls: object, patienceMs: number): Promise<HealthAnswer> {
  const session = connect(url, { ...tls, settings: { enablePush: false } });
  try {
    const signal = AbortSignal.timeout(patienceMs);
    await once(session, "connect", { signal });
    const stream = session.request(
      { ":method": "POST", ":path": "/grpc.health.v1.Health/Check", "content-type": "application/grpc", te: "trailers" },
      { signal },
    );
    // A message of no bytes: no flags, and its length.
    stream.end(Buffer.alloc(5));
    return await readAnswer(stream, signal);
  } finally {
    session.destroy();
  }
}

async function readAnswer(stream: ClientHttp2Stream, signal: AbortSignal): Promise<HealthAnswer> {
  let trailers: Record<string, unknown> = {};
  stream.once("trailers", (received) => {
    trailers = received;
  });
  const [headers] = await once(stream, "response", { signal });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const date = Date.parse(String(headers.date));
  const timeOfDay = Number.isNaN(date) ? undefined : date;
  const status = String(trailers["grpc-status"] ?? headers["grpc-status"] ?? "");
  if (status === unimplemented || headers[":status"] === 404) return { isServing: undefined, timeOfDay };
  // Field 1, a varint: 1 is SERVING.
  const message = Buffer.concat(chunks).subarray(5);
  return { isServing: message[0] === 8 && message[1] === 1, timeOfDay };
}
