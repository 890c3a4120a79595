/** What stands before each message of a stream: a byte of flags, and its length. */
export function envelopeOf(flags: number, message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(message.length + 5);
  bytes[0] = flags;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}
