import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";
const typeUrl = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
/** Of the messages of incremental discovery. */
const fields = { node: 1, typeUrl: 2, subscribe: 3, answerNonce: 6, responseNonce: 5 } as const;
const prefixBytes = 5;

/** A connection with one incremental stream, by hand: it accepts whatever comes and reads nothing of it, so that it costs little itself. */
export class RawClient {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #chunks: Buffer[] = [];
  #bytes = 0;
  responses = 0;

  constructor(port: number) {
    this.#session = connect(`http://127.0.0.1:${port}`);
    this.#stream = this.#session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
  }

  /** @param onResponse for each response, when all of it is there */
  subscribe(id: string, names: readonly string[], onResponse: () => void): void {
    const node = new BinaryWriter().tag(1, WireType.LengthDelimited).string(id).finish();
    const request = this.#request().tag(fields.node, WireType.LengthDelimited).bytes(node);
    for (const name of names) request.tag(fields.subscribe, WireType.LengthDelimited).string(name);
    this.#send(request);
    this.#stream.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      for (let response = this.#take(); response !== undefined; response = this.#take()) {
        this.responses++;
        this.#send(this.#request().tag(fields.answerNonce, WireType.LengthDelimited).string(nonceOf(response)));
        onResponse();
      }
    });
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  close(): void {
    this.#session.destroy();
  }

  #take(): Buffer | undefined {
    if (this.#bytes < prefixBytes) return undefined;
    const [first = Buffer.alloc(0)] = this.#chunks;
    if (first.length < prefixBytes) this.#chunks = [Buffer.concat(this.#chunks)];
    const end = prefixBytes + (this.#chunks[0] as Buffer).readUInt32BE(1);
    if (this.#bytes < end) return undefined;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(end)];
    this.#bytes -= end;
    return all.subarray(prefixBytes, end);
  }

  #request(): BinaryWriter {
    return new BinaryWriter().tag(fields.typeUrl, WireType.LengthDelimited).string(typeUrl);
  }

  #send(request: BinaryWriter): void {
    const message = request.finish();
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeUInt32BE(message.length, 1);
    this.#stream.write(Buffer.concat([prefix, message]));
  }
}

function nonceOf(response: Uint8Array): string {
  const reader = new BinaryReader(response);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === fields.responseNonce) return reader.string();
    reader.skip(type, field);
  }
  return "";
}
