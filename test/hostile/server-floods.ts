import { encodeSettings, Flag, FrameType, uint32 } from "../support/http2-frame.ts";
import { type Flood, frame, headers } from "./flood.ts";

const altsvc = 0xa;
const origin = 0xc;
const priority = 0x2;
const unknownType = 0x77;
const padded = 0x8;

const ping: Flood = { frame: () => frame(FrameType.ping, Flag.none, 0, Buffer.alloc(8)) };
const settings: Flood = { frame: () => frame(FrameType.settings, Flag.none, 0, encodeSettings({ initialWindowSize: 65_535 })) };
const open = (id: number) => headers(id, Flag.endHeaders, { ":status": "200", "content-type": "application/proto" });

/** What a server may pour onto its client. The stream is one that the client opened and waits for. */
export const serverFloods = {
  PING: ping,
  "PING, as acknowledged": { ...ping, acknowledged: true },
  SETTINGS: settings,
  "SETTINGS, as acknowledged": { ...settings, acknowledged: true },
  "empty SETTINGS": { frame: () => frame(FrameType.settings, Flag.none, 0) },
  "acknowledgements of no PING": { frame: () => frame(FrameType.ping, Flag.ack, 0, Buffer.alloc(8)) },
  ALTSVC: { frame: () => frame(altsvc, Flag.none, 0, sized("https://a.example"), Buffer.from('h2=":1"')) },
  "ORIGIN without TLS": { frame: () => frame(origin, Flag.none, 0, sized("https://a.example")) },
  PUSH_PROMISE: {
    frame: (id) => frame(FrameType.pushPromise, Flag.endHeaders, id, uint32(2), headers(0, 0, { ":method": "GET" }).subarray(9)),
  },
  "informational responses": { frame: (id) => headers(id, Flag.endHeaders, { ":status": "103", link: "</a>" }) },
  "response headers without end": { prelude: (id) => headers(id, 0, { ":status": "200" }), frame: (id) => continuation(id) },
  "trailers without end": {
    prelude: (id) => Buffer.concat([open(id), headers(id, Flag.endStream, { "x-first": "1" })]),
    frame: (id) => continuation(id),
  },
  "responses after the response": { frame: open },
  "empty DATA": { prelude: open, frame: (id) => frame(FrameType.data, Flag.none, id) },
  "DATA of padding alone": { prelude: open, frame: (id) => frame(FrameType.data, padded, id, Buffer.from([0])) },
  PRIORITY: { frame: (id) => frame(priority, Flag.none, id, Buffer.alloc(5)) },
  "frames of an unknown type": { frame: () => frame(unknownType, Flag.none, 0, Buffer.alloc(8)) },
  "RST_STREAM of a closed stream": { frame: () => frame(FrameType.rstStream, Flag.none, 1, uint32(8)) },
  WINDOW_UPDATE: { frame: () => frame(FrameType.windowUpdate, Flag.none, 0, uint32(1)) },
} as const satisfies Record<string, Flood>;

export type ServerFlood = keyof typeof serverFloods;

function continuation(streamId: number): Buffer {
  return frame(FrameType.continuation, Flag.none, streamId, Buffer.from([0, 1, 0x61, 1, 0x62]));
}

/** With its length before it, in two bytes. */
function sized(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}
