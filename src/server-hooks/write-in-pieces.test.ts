import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { writeInPieces } from "./write-in-pieces.ts";

/** A stream that takes each write only when it is told to. */
function slowStream() {
  const taken: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const batch = (chunks: readonly { chunk: Buffer }[], done: () => void) => {
    taken.push(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    waiting.push(done);
  };
  const stream = new Writable({
    write: (chunk, _encoding, done) => batch([{ chunk }], done),
    writev: (chunks, done) => batch(chunks, done),
  });
  const told: number[] = [];
  writeInPieces(stream, 4, (length) => told.push(length));
  const takeAll = () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
  };
  return { stream, taken, told, takeAll, text: () => taken.map(String) };
}

test("a long chunk goes out in pieces, and writableLength falls with each", () => {
  const { stream, text, told } = slowStream();
  stream.write("0123456789");
  expect([text(), told, stream.writableLength]).toEqual([["0123"], [10], 10]);
});

test("nothing is lost, in whichever form it comes, and callbacks are called", async () => {
  const { stream, takeAll, text } = slowStream();
  const finished = once(stream, "finish");
  const written = new Promise<void>((resolve) => stream.write("äöüß", "utf8", () => resolve()));
  stream.write(Buffer.from("0123456789"));
  stream.write("cafe", "latin1");
  const ended = new Promise<void>((resolve) => stream.end("61626364656667", "hex", () => resolve()));
  const turns = setInterval(takeAll);
  await Promise.all([written, ended, finished]);
  clearInterval(turns);
  expect(text().join("")).toBe("äöüß0123456789cafeabcdefg");
});

test("short chunks that wait are still written together", () => {
  const { stream, takeAll, text } = slowStream();
  for (const chunk of ["a", "b", "c"]) stream.write(chunk);
  stream.end();
  takeAll();
  expect(text().slice(0, 2)).toEqual(["a", "bc"]);
});
