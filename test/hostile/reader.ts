import { once } from "node:events";
import { connect } from "node:net";
import { CLIENT_PREFACE, createFrameReader, encodeSettings, Flag, FrameType, uint32 } from "../support/http2-frame.ts";
import { Changes } from "../support/until.ts";
import { use } from "../support/use.ts";
import { frame, updateRequest } from "./flood.ts";

/** A client that reads an answer of so many bytes exactly as fast as it is told. */
export interface Reader {
  /** Of the answer's body, so far. */
  readonly bytes: number;
  /** The whole answer came. */
  readonly ended: boolean;
  /** The code that the server reset the stream with. */
  readonly resetCode: number | undefined;
  /** Lets the server send so much more, and waits until it did, or the stream is over. */
  take(bytes: number): Promise<void>;
  until(condition: () => boolean): Promise<void>;
}

export async function startReader(port: number, size: number): Promise<Reader> {
  const changes = new Changes();
  const socket = connect(port, "127.0.0.1");
  use({ [Symbol.asyncDispose]: async () => void socket.destroy() });
  const reader = { bytes: 0, ended: false, resetCode: undefined as number | undefined, take, until: changes.until.bind(changes) };
  let allowed = 0;
  async function take(bytes: number): Promise<void> {
    allowed += bytes;
    socket.write(Buffer.concat([0, 1].map((id) => frame(FrameType.windowUpdate, Flag.none, id, uint32(bytes)))));
    await changes.until(() => reader.bytes === allowed || reader.ended || reader.resetCode !== undefined);
  }
  const read = createFrameReader(({ type, flags, payload }) => {
    if (type === FrameType.data) reader.bytes += payload.length;
    if (type === FrameType.data && (flags & Flag.endStream) !== 0) reader.ended = true;
    if (type === FrameType.rstStream) reader.resetCode = payload.readUInt32BE();
    changes.announce();
  });
  socket.on("data", read);
  await once(socket, "connect");
  const body = Buffer.from(JSON.stringify({ behavior: { size } }));
  socket.write(Buffer.concat([CLIENT_PREFACE, frame(FrameType.settings, Flag.none, 0, encodeSettings({ initialWindowSize: 0 }))]));
  socket.write(
    Buffer.concat([frame(FrameType.headers, Flag.endHeaders, 1, updateRequest), frame(FrameType.data, Flag.endStream, 1, body)]),
  );
  return reader;
}
