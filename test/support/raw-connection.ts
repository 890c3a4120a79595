import type { Socket } from "node:net";
import { encodeHeaders, type HeaderFields } from "./hpack.ts";
import {
  CLIENT_PREFACE,
  createFrameReader,
  encodeFrame,
  encodeSettings,
  Flag,
  type Frame,
  FrameType,
  type Settings,
  uint32,
} from "./http2-frame.ts";
import { SendWindows } from "./send-windows.ts";

/** The largest frame that a client takes unless it says otherwise. */
const MAX_FRAME_BYTES = 16_384;

/** What a connection does on its own, and whom it tells. */
export interface RawScript {
  /** Sent as soon as a client connects. Default: no settings, which leaves HTTP/2's own in force. `silent`: nothing is sent or answered. */
  readonly settings?: Settings | "silent";
  /** Whether PINGs are answered. Default true. */
  readonly answerPings?: boolean;
  /** The TCP connection stays open when the client closes its side: no FIN is answered. Default false. */
  readonly leavesTcpOpen?: boolean;
  /** A client has connected; the settings are on their way. */
  onConnection?(connection: RawConnection): void;
  /** A request's header block came. */
  onHeaders?(stream: RawStream): void;
  /** The client has said all that it wanted to. */
  onRequestEnd?(stream: RawStream): void;
}

/** A client's connection, spoken in frames. It keeps no rules: any frame may be sent at any time. */
export class RawConnection {
  readonly socket: Socket;
  /** How much the client lets us send. */
  readonly windows = new SendWindows();
  /** Every stream that the client opened, in order. */
  readonly streams: RawStream[] = [];
  /** PINGs of ours that the client acknowledged. */
  pingsAcked = 0;
  /** SETTINGS of ours that the client acknowledged. */
  settingsAcked = 0;
  /** PINGs that the client sent. */
  pingsReceived = 0;
  closed = false;
  readonly #script: RawScript;
  readonly #announce: () => void;

  constructor(socket: Socket, script: RawScript, announce: () => void) {
    this.socket = socket;
    this.#script = script;
    this.#announce = announce;
    this.#receive();
    if (script.settings !== "silent") this.sendSettings(script.settings ?? {});
    script.onConnection?.(this);
  }

  sendFrame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): void {
    this.sendBytes(encodeFrame({ type, flags, streamId, payload: Buffer.from(payload) }));
  }

  /** Anything at all, also what is no HTTP/2. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  sendSettings(settings: Settings): void {
    this.sendFrame(FrameType.settings, Flag.none, 0, encodeSettings(settings));
  }

  /** Streams above `lastStreamId` were not and will not be processed (RFC 9113, section 6.8). */
  sendGoaway(lastStreamId: number, code: number, debugData = ""): void {
    this.sendFrame(FrameType.goaway, Flag.none, 0, Buffer.concat([uint32(lastStreamId), uint32(code), Buffer.from(debugData)]));
  }

  /** @param opaque eight bytes, which come back in the acknowledgement */
  sendPing(opaque: Uint8Array = Buffer.alloc(8)): void {
    this.sendFrame(FrameType.ping, Flag.none, 0, opaque);
  }

  /** Closes in order: FIN. */
  end(): void {
    this.socket.end();
  }

  /** Closes by a TCP reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #receive(): void {
    let preface = CLIENT_PREFACE.length;
    const read = createFrameReader((frame) => this.#onFrame(frame));
    this.socket.on("data", (chunk: Buffer) => {
      const skipped = Math.min(preface, chunk.length);
      preface -= skipped;
      read(chunk.subarray(skipped));
      this.#announce();
    });
    // A reset is the client's good right; what matters is that the connection is over.
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
      this.#announce();
    });
  }

  #onFrame(frame: Frame): void {
    if (this.#script.settings === "silent") return;
    const isAck = (frame.flags & Flag.ack) !== 0;
    switch (frame.type) {
      case FrameType.settings:
        if (isAck) this.settingsAcked++;
        else this.#onSettings(frame.payload);
        return;
      case FrameType.ping:
        if (isAck) this.pingsAcked++;
        else this.#onPing(frame.payload);
        return;
      case FrameType.headers:
        return this.#onHeaders(frame);
      case FrameType.continuation:
        return this.#stream(frame.streamId)?.onHeaderBlock(frame);
      case FrameType.data:
        this.#grantWindow(frame);
        return this.#stream(frame.streamId)?.onData(frame);
      case FrameType.windowUpdate:
        return this.windows.onWindowUpdate(frame.streamId, frame.payload.readUInt32BE());
      case FrameType.rstStream:
        return this.#stream(frame.streamId)?.onReset(frame.payload.readUInt32BE());
    }
  }

  #onSettings(payload: Buffer): void {
    this.windows.onSettings(payload);
    this.sendFrame(FrameType.settings, Flag.ack, 0);
  }

  #onPing(opaque: Buffer): void {
    this.pingsReceived++;
    if (this.#script.answerPings ?? true) this.sendFrame(FrameType.ping, Flag.ack, 0, opaque);
  }

  #onHeaders(frame: Frame): void {
    const stream = new RawStream(frame.streamId, this, this.#script);
    this.streams.push(stream);
    stream.onHeaderBlock(frame);
  }

  #grantWindow({ streamId, payload }: Frame): void {
    if (payload.length === 0) return;
    this.sendFrame(FrameType.windowUpdate, Flag.none, 0, uint32(payload.length));
    this.sendFrame(FrameType.windowUpdate, Flag.none, streamId, uint32(payload.length));
  }

  #stream(id: number): RawStream | undefined {
    return this.streams.find((stream) => stream.id === id);
  }
}

/** A stream that the client opened. The request's header block stays undecoded: tests that read headers use an echo server. */
export class RawStream {
  readonly id: number;
  readonly connection: RawConnection;
  /** The client ended its side. */
  requestEnded = false;
  /** The error code with which the client reset the stream. */
  resetCode: number | undefined;
  readonly #script: RawScript;
  readonly #body: Buffer[] = [];
  #endsWithHeaders = false;

  constructor(id: number, connection: RawConnection, script: RawScript) {
    this.id = id;
    this.connection = connection;
    this.#script = script;
  }

  /** The request body so far, in the protocol's own wire form. */
  get body(): Buffer {
    return Buffer.concat(this.#body);
  }

  sendHeaders(fields: HeaderFields, end: "end" | "open" = "open"): void {
    const flags = Flag.endHeaders | (end === "end" ? Flag.endStream : 0);
    this.connection.sendFrame(FrameType.headers, flags, this.id, encodeHeaders(fields));
  }

  /** Sends any number of bytes in frames, at the pace that the client's flow-control windows allow. Resolves with the last frame. */
  async sendPaced(bytes: Uint8Array, end: "end" | "open" = "open"): Promise<void> {
    for (let sent = 0; sent < bytes.length; ) {
      const from = sent;
      sent += await this.connection.windows.take(this.id, Math.min(bytes.length - from, MAX_FRAME_BYTES));
      this.sendData(bytes.subarray(from, sent), sent === bytes.length ? end : "open");
    }
  }

  /** One frame. Ignores the client's flow-control windows: keep within 65,535 bytes, unless breaking it is the point. */
  sendData(bytes: Uint8Array, end: "end" | "open" = "open"): void {
    this.connection.sendFrame(FrameType.data, end === "end" ? Flag.endStream : 0, this.id, bytes);
  }

  sendReset(code: number): void {
    this.connection.sendFrame(FrameType.rstStream, Flag.none, this.id, uint32(code));
  }

  sendPushPromise(promisedStreamId: number, fields: HeaderFields): void {
    const payload = Buffer.concat([uint32(promisedStreamId), encodeHeaders(fields)]);
    this.connection.sendFrame(FrameType.pushPromise, Flag.endHeaders, this.id, payload);
  }

  onHeaderBlock(frame: Frame): void {
    if (frame.type === FrameType.headers) this.#endsWithHeaders = (frame.flags & Flag.endStream) !== 0;
    if ((frame.flags & Flag.endHeaders) === 0) return;
    this.#script.onHeaders?.(this);
    if (this.#endsWithHeaders) this.#onRequestEnd();
  }

  onData(frame: Frame): void {
    this.#body.push(frame.payload);
    if ((frame.flags & Flag.endStream) !== 0) this.#onRequestEnd();
  }

  onReset(code: number): void {
    this.resetCode = code;
  }

  #onRequestEnd(): void {
    this.requestEnded = true;
    this.#script.onRequestEnd?.(this);
  }
}
