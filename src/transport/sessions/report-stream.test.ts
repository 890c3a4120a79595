import fc from "fast-check";
import { expect, test } from "vitest";
import { framed, readMessages } from "./report-stream.ts";

test("however the bytes are cut, the newest message is found, and nothing is kept but the beginning of the next", () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.nat(), { maxLength: 12 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(framed));
      const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
      let rest: Uint8Array = new Uint8Array();
      const found: (Uint8Array | undefined)[] = [];
      for (const [index, place] of places.slice(1).entries()) {
        const read = readMessages(Buffer.concat([rest, bytes.subarray(places[index], place)]));
        if (read === undefined) return expect.unreachable("the messages are good");
        if (read.newest !== undefined) found.push(Buffer.from(read.newest));
        rest = read.rest;
        expect(rest.length).toBeLessThan(45);
      }
      expect(rest).toHaveLength(0);
      expect(found.at(-1)).toEqual(Buffer.from(sent.at(-1) as Uint8Array));
    }),
  );
});

test.each([
  ["compressed", Buffer.from([1, 0, 0, 0, 0])],
  ["larger than a report may be", Buffer.from([0, 0, 0, 4, 1])],
  ["of 4 GiB", Buffer.from([0, 0xff, 0xff, 0xff, 0xff])],
])("a message that is %s is refused by its prefix", (_what, prefix) => {
  expect(readMessages(prefix)).toBeUndefined();
  expect(readMessages(Buffer.concat([framed(new Uint8Array(3)), prefix]))).toBeUndefined();
});
