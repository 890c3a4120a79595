import { rm, writeFile } from "node:fs/promises";
import { expect, it, vi } from "vitest";
import { createSecretDir } from "../../../test/support/secret-dir.ts";
import { eventually } from "../../../test/support/until.ts";
import { use } from "../../../test/support/use.ts";
import { manualClock } from "../../testing/index.ts";
import { TlsFileWatch } from "./tls-file-watch.ts";
import { readTlsFiles, readTlsFilesSync } from "./tls-files.ts";

async function setUp() {
  const dir = use(await createSecretDir("ca 1", { cert: "cert 1", key: "key 1" }));
  const clock = manualClock();
  const onChange = vi.fn();
  const onError = vi.fn();
  const watch = new TlsFileWatch({ files: dir.files, inUse: readTlsFilesSync(dir.files), clock, onChange, onError });
  use({ [Symbol.asyncDispose]: async () => watch.close() });
  /** Lets time pass up to the next reading, and waits for it to end. */
  const read = async (afterMs: number) => {
    clock.advance(afterMs - 1);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(clock.pending).toBe(0);
    await eventually(() => clock.pending === 1);
  };
  return { dir, clock, onChange, onError, watch, read };
}

it("reads every 10 s, and takes what it finds twice, 1 s apart", async () => {
  const { dir, onChange, onError, read } = await setUp();
  await read(10_000);
  await dir.swap("ca 2", { cert: "cert 2", key: "key 2" });
  await read(10_000);
  expect(onChange).not.toHaveBeenCalled();
  await read(1_000);
  expect(onChange.mock.calls).toEqual([[{ ca: "ca 2", cert: "cert 2", key: "key 2" }]]);
  await read(10_000);
  expect(onChange).toHaveBeenCalledTimes(1);
  expect(onError).not.toHaveBeenCalled();
});

it("waits as long as contents change", async () => {
  const { dir, onChange, read } = await setUp();
  await writeFile(dir.files.cert, "cert 2");
  await read(10_000);
  await writeFile(dir.files.key, "key");
  await read(1_000);
  await writeFile(dir.files.key, "key 2");
  await read(1_000);
  expect(onChange).not.toHaveBeenCalled();
  await read(1_000);
  expect(onChange.mock.calls).toEqual([[{ ca: "ca 1", cert: "cert 2", key: "key 2" }]]);
});

it("tells once of contents that are not taken, and takes the next good ones", async () => {
  const { dir, onChange, onError, read } = await setUp();
  onChange.mockImplementationOnce(() => {
    throw new Error("no certificate");
  });
  await writeFile(dir.files.cert, "bad");
  for (const afterMs of [10_000, 1_000, 10_000, 10_000]) await read(afterMs);
  expect(onError.mock.calls).toEqual([[new Error("no certificate; the certificates read before stay in use")]]);
  await writeFile(dir.files.cert, "cert 2");
  for (const afterMs of [10_000, 1_000]) await read(afterMs);
  expect(onChange).toHaveBeenLastCalledWith({ ca: "ca 1", cert: "cert 2", key: "key 1" });
});

it("tells of a file that is gone, and takes no notice when it comes back as it was", async () => {
  const { dir, onChange, onError, read } = await setUp();
  await rm(dir.files.key);
  for (const afterMs of [10_000, 1_000, 10_000]) await read(afterMs);
  expect(onError).toHaveBeenCalledTimes(1);
  expect(onError.mock.calls[0]?.[0].message).toMatch(/^tls\.files\.key .*tls\.key: ENOENT.*; the certificates read before stay in use$/);
  await writeFile(dir.files.key, "key 1");
  for (const afterMs of [10_000, 1_000, 10_000]) await read(afterMs);
  expect(onChange).not.toHaveBeenCalled();
  expect(onError).toHaveBeenCalledTimes(1);
});

it("takes no notice of a file that is written anew as it was, or is gone for a moment", async () => {
  const { dir, onChange, onError, read } = await setUp();
  await writeFile(dir.files.key, "key 1");
  await read(10_000);
  await rm(dir.files.key);
  await read(10_000);
  await writeFile(dir.files.key, "key 1");
  for (const afterMs of [1_000, 1_000, 10_000]) await read(afterMs);
  expect(onChange).not.toHaveBeenCalled();
  expect(onError).not.toHaveBeenCalled();
});

it("reads no more once it is closed, be it during a reading", async () => {
  const { dir, clock, onChange, watch, read } = await setUp();
  await writeFile(dir.files.cert, "cert 2");
  await read(10_000);
  clock.advance(1_000);
  watch.close();
  for (let n = 0; n < 3; n++) await readTlsFiles(dir.files);
  expect(clock.pending).toBe(0);
  expect(onChange).not.toHaveBeenCalled();
});
