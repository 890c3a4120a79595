import type { Writable } from "node:stream";

type Chunk = string | Buffer | Uint8Array;
type Callback = (error?: Error | null) => void;

/**
 * Has large chunks written piece by piece, each once the one before it is gone: `writableLength` then tells how far a long one has come, which Node.js
 * otherwise says only when all of it is gone.
 *
 * @param onWritten told the length of each chunk, in the unit of `writableLength`, once it is handed over
 */
export function writeInPieces(stream: Writable, pieceBytes: number, onWritten: (length: number) => void): void {
  const { write, end } = stream;
  const writeChunk = (chunk: Chunk, ...rest: unknown[]): boolean => {
    const pieces = piecesOf(chunk, pieceBytes, rest[0]);
    // With it, Node.js would write all pieces but the first as one.
    if (pieces.length > 1) Reflect.set(stream, "_writev", undefined);
    for (const piece of pieces.slice(0, -1)) Reflect.apply(write, stream, [piece]);
    const wantsMore: boolean = Reflect.apply(write, stream, [pieces.at(-1), ...rest]);
    onWritten(pieces.reduce((sum, { length }) => sum + length, 0));
    return wantsMore;
  };
  const endWith = (chunk?: Chunk | Callback | null, ...rest: unknown[]): Writable => {
    if (chunk === undefined || chunk === null || typeof chunk === "function") return Reflect.apply(end, stream, [chunk, ...rest]);
    writeChunk(chunk, ...rest.filter((value) => typeof value === "string"));
    const callbacks = rest.filter((value) => typeof value === "function");
    return Reflect.apply(end, stream, callbacks);
  };
  Object.assign(stream, { write: writeChunk, end: endWith });
}

function piecesOf(chunk: Chunk, pieceBytes: number, encoding: unknown): readonly Chunk[] {
  if (chunk.length <= pieceBytes) return [chunk];
  const bytes =
    typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8") : chunk;
  const count = Math.ceil(bytes.length / pieceBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * pieceBytes, (n + 1) * pieceBytes));
}
