import { encodeHeaders } from "../support/hpack.ts";
import { encodeSettings, Flag, FrameType, uint32 } from "../support/http2-frame.ts";
import { type Flood, frame, updateRequest } from "./flood.ts";

const priority = 0x2;
const unknownType = 0x77;

const ping: Flood = { frame: () => frame(FrameType.ping, Flag.none, 0, Buffer.alloc(8)) };
const settings: Flood = { frame: () => frame(FrameType.settings, Flag.none, 0, encodeSettings({ initialWindowSize: 65_535 })) };

function open(id: number, ...more: readonly Buffer[]): Buffer {
  return frame(FrameType.headers, Flag.endHeaders, id, updateRequest, ...more);
}

function whole(id: number, ...more: readonly Buffer[]): Buffer {
  return frame(FrameType.headers, Flag.endHeaders | Flag.endStream, id, updateRequest, ...more);
}

const thousandFields = encodeHeaders(Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x-${n}`, "v"])));
/** One field of 4,000 bytes, put into HPACK's table and named again 8,000 times. */
const hpackBomb = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4_000, 0x76), Buffer.alloc(8_000, 0xbe)]);

/** What a client may pour onto its server; each frame may use a stream of its own. */
export const clientFloods = {
  PING: ping,
  "PING, as acknowledged": { ...ping, acknowledged: true },
  SETTINGS: settings,
  "SETTINGS, as acknowledged": { ...settings, acknowledged: true },
  "acknowledgements of no PING": { frame: () => frame(FrameType.ping, Flag.ack, 0, Buffer.alloc(8)) },
  "rapid reset": { frame: (id) => Buffer.concat([whole(id), frame(FrameType.rstStream, Flag.none, id, uint32(8))]) },
  "rapid reset of open requests": { frame: (id) => Buffer.concat([open(id), frame(FrameType.rstStream, Flag.none, id, uint32(8))]) },
  "requests without end": { frame: open },
  requests: { frame: whole },
  "MadeYouReset by empty WINDOW_UPDATE": {
    frame: (id) => Buffer.concat([open(id), frame(FrameType.windowUpdate, Flag.none, id, uint32(0))]),
  },
  "MadeYouReset by window overflow": {
    frame: (id) => Buffer.concat([open(id), frame(FrameType.windowUpdate, Flag.none, id, uint32(0x7fff_ffff))]),
  },
  "MadeYouReset by DATA after the end": {
    frame: (id) => Buffer.concat([whole(id), frame(FrameType.data, Flag.none, id, Buffer.alloc(1))]),
  },
  "MadeYouReset by a PRIORITY on itself": {
    frame: (id) => Buffer.concat([open(id), frame(priority, Flag.none, id, uint32(id), Buffer.alloc(1))]),
  },
  "headers without end": {
    prelude: (id) => frame(FrameType.headers, Flag.none, id, updateRequest),
    frame: () => frame(FrameType.continuation, Flag.none, 1, Buffer.from([0, 1, 0x61, 1, 0x62])),
  },
  "empty DATA": { prelude: (id) => open(id), frame: () => frame(FrameType.data, Flag.none, 1) },
  "1,000 headers": { frame: (id) => whole(id, thousandFields) },
  "HPACK bombs": { frame: (id) => whole(id, hpackBomb) },
  "RST_STREAM of a closed stream": {
    prelude: (id) => Buffer.concat([open(id), frame(FrameType.rstStream, Flag.none, id, uint32(8))]),
    frame: () => frame(FrameType.rstStream, Flag.none, 1, uint32(8)),
  },
  PRIORITY: { frame: () => frame(priority, Flag.none, 1_001, Buffer.alloc(5)) },
  "frames of an unknown type": { frame: () => frame(unknownType, Flag.none, 0, Buffer.alloc(8)) },
  WINDOW_UPDATE: { frame: () => frame(FrameType.windowUpdate, Flag.none, 0, uint32(1)) },
} as const satisfies Record<string, Flood>;

export type ClientFlood = keyof typeof clientFloods;
