import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DerElement, DerReader } from "./der.ts";

function elementsOf(bytes: Uint8Array): DerElement[] {
  const reader = new DerReader(bytes);
  const elements: DerElement[] = [];
  while (!reader.atEnd) elements.push(reader.next());
  return elements;
}

/** As X.690 has it: the shortest form of length there is. */
function encode(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value;
  const lengths = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...lengths, ...value]);
}

const anyTag = fc.integer({ min: 0, max: 255 }).filter((tag) => (tag & 0x1f) !== 0x1f);

describe("a reader of DER", () => {
  it("reads back any elements, one after the other", () => {
    const anyElement = fc.record({ tag: anyTag, value: fc.uint8Array({ maxLength: 1_000, size: "max" }) });
    fc.assert(
      fc.property(fc.array(anyElement, { maxLength: 5 }), (elements) => {
        const bytes = Buffer.concat(elements.map(({ tag, value }) => encode(tag, value)));
        expect(elementsOf(bytes).map(({ tag, value }) => ({ tag, value: Uint8Array.from(value) }))).toEqual(elements);
      }),
    );
  });

  it("ends on any bytes, and hands out none but those within what it was given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat({ max: 8 }), fc.nat({ max: 8 }), (all, before, after) => {
        const bytes = all.subarray(Math.min(before, all.length), Math.max(before, all.length - after));
        const reader = new DerReader(bytes);
        let read = 0;
        try {
          while (!reader.atEnd) {
            const { value } = reader.next();
            read += 2 + value.length;
            expect(value.byteOffset).toBeGreaterThanOrEqual(bytes.byteOffset + 2);
            expect(value.byteOffset + value.length).toBeLessThanOrEqual(bytes.byteOffset + bytes.length);
          }
        } catch (error) {
          expect((error as Error).message).toMatch(/^DER /);
        }
        expect(read).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["nothing after the tag", [0x30], "ends too early"],
    ["more promised than there is", [0x04, 0x03, 1, 2], "DER element of 3 bytes, where 2 are left"],
    ["a length that breaks off", [0x04, 0x82, 0x01], "ends too early"],
    ["a length without end", [0x30, 0x80, 0, 0], "DER length in 0 bytes is not supported"],
    ["a length beyond 4 bytes", [0x04, 0x85, 0, 0, 0, 0, 1, 0], "DER length in 5 bytes is not supported"],
    ["the largest length", [0x04, 0x84, 0xff, 0xff, 0xff, 0xff], "DER element of 4294967295 bytes, where 0 are left"],
    ["a short length in the long form", [0x04, 0x81, 0x01, 0], "DER length 1 is written too long"],
    ["a length with a leading zero", [0x04, 0x82, 0x00, 0x80], "DER length 128 is written too long"],
    ["a tag of several bytes", [0x1f, 0x81, 0x00], "DER tag 31 of several bytes is not supported"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => elementsOf(Uint8Array.from(bytes))).toThrow(message);
  });

  it("takes an element of the tag that is asked for, and no other", () => {
    expect(new DerReader(Uint8Array.from([0x04, 0x01, 7])).take(0x04)).toEqual(Uint8Array.from([7]));
    expect(() => new DerReader(Uint8Array.from([0x04, 0x01, 7])).take(0x30)).toThrow("DER tag 4, where 48 belongs");
  });
});
