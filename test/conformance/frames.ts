/** Takes messages off a stream in which each is preceded by its length, 4 bytes, big-endian. */
export async function* readFrames(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let unread: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    unread = Buffer.concat([unread, chunk]);
    for (let end = endOfFrame(unread); end <= unread.length; end = endOfFrame(unread)) {
      yield unread.subarray(4, end);
      unread = unread.subarray(end);
    }
  }
  if (unread.length > 0) throw new Error("the input ended inside of a message");
}

export function toFrame(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

function endOfFrame(bytes: Buffer): number {
  return bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + bytes.readUInt32BE();
}
