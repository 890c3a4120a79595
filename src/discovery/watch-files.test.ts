import { mkdtempSync, rmSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../test/support/until.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { watchFiles } from "./watch-files.ts";

// That one file is read as it should be, whatever becomes of it, is shown by file-source.test.ts.

/** Two files in two folders, and what is heard of them. */
async function setUp({ onRead = (texts: object) => JSON.stringify(texts) } = {}) {
  const folders = ["a", "b"].map((name) => mkdtempSync(join(tmpdir(), `watch-${name}-`)));
  const [one = "", other = ""] = folders.map((folder) => join(folder, "file"));
  const replace = async (path: string, text: string) => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await replace(one, "1");
  await replace(other, "1");
  const heard: string[] = [];
  let wake = () => {};
  const hear = (what: string) => {
    heard.push(what);
    wake();
  };
  const clock = manualClock();
  const watch = watchFiles({ one, other }, { onRead: (texts) => hear(onRead(texts)), onError: ({ message }) => hear(message) }, { clock });
  onTestFinished(() => {
    watch.close();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  const next = async () => {
    while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return heard.shift();
  };
  return { one, other, replace, clock, watch, next };
}

test("files are read together, whichever changes, in whichever folder", async () => {
  const { one, other, replace, clock, next } = await setUp();
  expect(await next()).toBe('{"one":"1","other":"1"}');
  for (const [path, text] of [
    [one, '{"one":"2","other":"1"}'],
    [other, '{"one":"2","other":"2"}'],
  ] as const) {
    await replace(path, "2");
    await eventually(() => clock.pending === 2); // the poll, and what was heard
    clock.advance(50);
    expect(await next()).toBe(text);
  }
});

test("one that can't be read is an error that names it, and nothing is told of the other", async () => {
  const { other, clock, next } = await setUp();
  await next();
  rmSync(other);
  clock.advance(30_000);
  expect(await next()).toMatch(new RegExp(`^${other}: ENOENT`));
});

test("what its reader throws is an error, and it is read again", async () => {
  const refused = (texts: object) => {
    throw new Error(`no use: ${JSON.stringify(texts)}`);
  };
  const { one, replace, clock, next } = await setUp({ onRead: refused });
  expect(await next()).toBe('no use: {"one":"1","other":"1"}');
  await replace(one, "2");
  clock.advance(30_000);
  expect(await next()).toBe('no use: {"one":"2","other":"1"}');
});
