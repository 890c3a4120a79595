import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readlink, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import type { EndpointObserver, EndpointUpdate, Watch } from "./endpoint-source.ts";
import { type FileSourceOptions, fileSource } from "./file-source.ts";

/** Hears a watch of a real file, and waits for what it says next. */
class Listener implements EndpointObserver {
  readonly #told: string[] = [];
  readonly #watch: Watch;
  #wake = (): void => {};

  constructor(path: string, options: FileSourceOptions) {
    this.#watch = fileSource(options).watch(path, this);
  }

  onUpdate({ endpoints = [] }: EndpointUpdate): void {
    this.#tell(endpoints.map(({ id }) => id).join(" "));
  }

  onError(error: Error): void {
    this.#tell(error.message);
  }

  get waiting(): number {
    return this.#told.length;
  }

  async next(): Promise<string> {
    while (this.#told.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
    return this.#told.shift() ?? "";
  }

  refresh(): void {
    this.#watch.refresh();
  }

  close(): void {
    this.#watch.close();
  }

  #tell(what: string): void {
    this.#told.push(what);
    this.#wake();
  }
}

let folder = "";
let path = "";
let listeners: Listener[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-source-"));
  path = join(folder, "endpoints.json");
  listeners = [];
});

afterEach(async () => {
  for (const listener of listeners) listener.close();
  await rm(folder, { recursive: true });
});

/** Without a poll, so that what is heard was heard from the file system. */
function listen(target = path, options: FileSourceOptions = { settleMs: 1, pollIntervalMs: 2 ** 31 - 1 }): Listener {
  const listener = new Listener(target, options);
  listeners.push(listener);
  return listener;
}

/** As editors and deployment tools do it: no reader ever sees half a file. */
async function replace(file: string, ...endpoints: unknown[]): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(endpoints));
  await rename(`${file}.new`, file);
}

test("tells the file's endpoints, and tells them again when another file takes its place", async () => {
  await replace(path, "10.0.0.1:80");
  const listener = listen();
  expect(await listener.next()).toBe("10.0.0.1:80");
  await replace(path, "10.0.0.1:80", "10.0.0.2:80");
  expect(await listener.next()).toBe("10.0.0.1:80 10.0.0.2:80");
  await replace(path);
  expect(await listener.next()).toBe("");
});

test("a file that is written in place is read again", async () => {
  await writeFile(path, `["10.0.0.1:80"]`);
  const listener = listen();
  expect(await listener.next()).toBe("10.0.0.1:80");
  await truncate(path, 0);
  expect(await listener.next()).toMatch(/JSON.*; it is read again when it changes \(keeping the last good set of 1\)$/);
  await writeFile(path, `["10.0.0.2:80"]`);
  expect(await listener.next()).toBe("10.0.0.2:80");
});

test("a relative path starts at the working directory", async () => {
  await replace(path, "10.0.0.1:80");
  expect(await listen(relative(process.cwd(), path)).next()).toBe("10.0.0.1:80");
});

test("follows a ConfigMap, which swaps a symbolic link on the way to the file", async () => {
  const publish = async (version: string, endpoint: string): Promise<void> => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, "endpoints.json"), JSON.stringify([endpoint]));
    await symlink(version, join(folder, "..data_tmp"));
    await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  await publish("..2024_1", "10.0.0.1:80");
  await symlink("..data/endpoints.json", path);
  const listener = listen();
  expect(await listener.next()).toBe("10.0.0.1:80");
  await publish("..2024_2", "10.0.0.2:80");
  expect(await listener.next()).toBe("10.0.0.2:80");
  expect(await readlink(path)).toBe("..data/endpoints.json");
});

test("a bad file is an error that names the field, and the last good set stays until the file is mended", async () => {
  await replace(path, "10.0.0.1:80");
  const listener = listen();
  expect(await listener.next()).toBe("10.0.0.1:80");
  await replace(path, "10.0.0.1:80", { address: "10.0.0.2", port: 0 });
  const problem =
    "[1].port: expected a whole number from 1 to 65535, got 0; it is read again when it changes (keeping the last good set of 1)";
  expect(await listener.next()).toBe(`file: ${path}: ${problem}`);
  await replace(path, "10.0.0.3:80");
  expect(await listener.next()).toBe("10.0.0.3:80");
});

test("a file that is missing is an error, and is read when it comes", async () => {
  const listener = listen();
  expect(await listener.next()).toMatch(/^file: .+endpoints\.json: ENOENT: .+; it is read again when it changes$/);
  await replace(path, "10.0.0.1:80");
  expect(await listener.next()).toBe("10.0.0.1:80");
  await rm(path);
  expect(await listener.next()).toMatch(/ENOENT.+\(keeping the last good set of 1\)$/);
});

test.each([
  ["larger than 10 bytes", () => writeFile(path, `["10.0.0.1:80"]`)],
  ["not a regular file", () => mkdir(path)],
  ["not valid for encoding utf-8", () => writeFile(path, Buffer.from([0x22, 0xff, 0x22]))],
])("a file that is %s is an error", async (problem, make) => {
  await make();
  expect(await listen(path, { maxBytes: 10 }).next()).toContain(problem);
});

test("a file of exactly maxBytes is good", async () => {
  await writeFile(path, `["a:1"]`);
  expect(await listen(path, { maxBytes: 7 }).next()).toBe("a:1");
});

test("the poll sees what the file system does not tell: a change behind a link into another folder", async () => {
  await mkdir(join(folder, "elsewhere"));
  const real = join(folder, "elsewhere", "real.json");
  await replace(real, "10.0.0.1:80");
  await symlink(real, path);
  const clock = manualClock();
  const listener = listen(path, { clock, pollIntervalMs: 1_000 });
  expect(await listener.next()).toBe("10.0.0.1:80");
  await replace(real, "10.0.0.2:80");
  clock.advance(1_000);
  expect(await listener.next()).toBe("10.0.0.2:80");
});

test("the poll finds a folder that was not there yet, and listens to it from then on", async () => {
  const late = join(folder, "late");
  const clock = manualClock();
  const listener = listen(join(late, "endpoints.json"), { clock, settleMs: 10, pollIntervalMs: 1_000 });
  expect(await listener.next()).toContain("ENOENT");
  await mkdir(late);
  clock.advance(1_000);
  // The poll is pending; an event adds the read that waits for the change to settle.
  const heard = new Promise<void>((resolve) => {
    const { after } = clock;
    clock.after = (delayMs, fn) => {
      if (delayMs === 10) resolve();
      return after(delayMs, fn);
    };
  });
  await replace(join(late, "endpoints.json"), "10.0.0.1:80");
  await heard;
  clock.advance(10);
  expect(await listener.next()).toBe("10.0.0.1:80");
});

test("a hint reads the file after the settling time", async () => {
  const clock = manualClock();
  const listener = listen(path, { clock, settleMs: 10 });
  expect(await listener.next()).toContain("ENOENT");
  await replace(path, "10.0.0.1:80");
  listener.refresh();
  clock.advance(10);
  expect(await listener.next()).toBe("10.0.0.1:80");
});

test("a change that is heard of during a read is read after it", async () => {
  await replace(path, "10.0.0.1:80");
  const clock = manualClock();
  const changed = new Promise<string>((resolve) => {
    const watch = fileSource({ clock, settleMs: 10 }).watch(path, {
      onUpdate({ endpoints: [endpoint] = [] }) {
        if (endpoint?.id !== "10.0.0.1:80") return resolve(endpoint?.id ?? "");
        // The read that found this set is not over before this call is.
        writeFileSync(path, `["10.0.0.2:80"]`);
        watch.refresh();
        clock.advance(10);
      },
      onError: (error) => resolve(error.message),
    });
    onTestFinished(() => watch.close());
  });
  expect(await changed).toBe("10.0.0.2:80");
});

test("after close nothing is told and no timer is left", async () => {
  await replace(path, "10.0.0.1:80");
  const clock = manualClock();
  const closed = listen(path, { clock });
  expect(await closed.next()).toBe("10.0.0.1:80");
  closed.refresh();
  closed.close();
  closed.refresh();
  expect(clock.pending).toBe(0);
  const open = listen();
  expect(await open.next()).toBe("10.0.0.1:80");
  await replace(path, "10.0.0.2:80");
  expect(await open.next()).toBe("10.0.0.2:80");
  expect(clock.pending).toBe(0);
  expect(closed.waiting).toBe(0);
});

test("a read that is under way when the watch closes is not told", async () => {
  await replace(path, "10.0.0.1:80");
  const closed = listen();
  closed.close();
  expect(await listen().next()).toBe("10.0.0.1:80");
  expect(closed.waiting).toBe(0);
});
