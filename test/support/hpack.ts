/** Header fields in the order in which they go onto the wire; an array repeats a name. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

/**
 * Encodes a header block as literals without indexing and without Huffman: valid for every decoder, and stateless.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2
 */
export function encodeHeaders(fields: HeaderFields): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(fields)) {
    for (const one of typeof value === "string" ? [value] : value) {
      parts.push(Buffer.from([0]), encodeString(name), encodeString(one));
    }
  }
  return Buffer.concat(parts);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

/** An integer with a 7-bit prefix (RFC 7541, section 5.1). */
function encodeLength(length: number): Buffer {
  if (length < 0x7f) return Buffer.from([length]);
  const bytes = [0x7f];
  let rest = length - 0x7f;
  for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
