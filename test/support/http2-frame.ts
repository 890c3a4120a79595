/** What every HTTP/2 client sends first. */
export const CLIENT_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** @see https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const FrameType = {
  data: 0x0,
  headers: 0x1,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

export const Flag = { none: 0x0, endStream: 0x1, ack: 0x1, endHeaders: 0x4 } as const;

/** @see https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2 */
export const SettingId = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
} as const;

export type Settings = Readonly<Partial<Record<keyof typeof SettingId, number>>>;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0 is the connection itself. */
  readonly streamId: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 9;

export function encodeFrame(frame: Frame): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(frame.payload.length, 0, 3);
  header.writeUInt8(frame.type, 3);
  header.writeUInt8(frame.flags, 4);
  header.writeUInt32BE(frame.streamId, 5);
  return Buffer.concat([header, frame.payload]);
}

export function encodeSettings(settings: Settings): Buffer {
  const names = Object.keys(SettingId) as (keyof Settings)[];
  const entries = names.flatMap((name) => {
    const value = settings[name];
    if (value === undefined) return [];
    const entry = Buffer.alloc(6);
    entry.writeUInt16BE(SettingId[name], 0);
    entry.writeUInt32BE(value, 2);
    return [entry];
  });
  return Buffer.concat(entries);
}

/** Cuts a byte stream into frames: give it chunks as they come, it calls back with each whole frame. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + pending.readUIntBE(0, 3);
      if (pending.length < end) return;
      const frame = {
        type: pending.readUInt8(3),
        flags: pending.readUInt8(4),
        streamId: pending.readUInt32BE(5) & 0x7fffffff,
        payload: pending.subarray(HEADER_BYTES, end),
      };
      pending = pending.subarray(end);
      onFrame(frame);
    }
  };
}

/** A payload of one 32-bit number: an error code, or a window increment. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
