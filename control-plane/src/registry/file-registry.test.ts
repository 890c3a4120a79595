import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RecordingObserver } from "../../../test/control-plane/recording-observer.ts";
import { Changes } from "../../../test/support/until.ts";
import { fileRegistry } from "./file-registry.ts";

/** A file, and what its registry tells. */
function watched(text?: string) {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  const path = join(folder, "services.yaml");
  /** At once, as editors and ConfigMaps do. */
  const write = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  if (text !== undefined) write(text);
  const changes = new Changes();
  const { heard, ...observer } = new RecordingObserver(() => changes.announce());
  const watch = fileRegistry(path, { settleMs: 1 }).watch(observer);
  onTestFinished(() => {
    watch.close();
    rmSync(folder, { recursive: true });
  });
  /** What was told up to a text, and not before. */
  const next = async (last: string) => {
    await changes.until(() => heard.some((text) => text.startsWith(last)));
    return heard.splice(0).map((text) => text.replaceAll(path, "FILE"));
  };
  return { write, next };
}

const services = (...texts: readonly string[]) => `services:\n${texts.map((text) => `  ${text}\n`).join("")}`;

test("tells what is there, then that this is all, then what changes", async () => {
  const { write, next } = watched(services("a.b:80: { endpoints: [10.0.0.1:80] }", "c.d:80: {}", "e.f:80: {}"));
  expect(await next("complete")).toEqual(["a.b:80=10.0.0.1", "c.d:80=", "e.f:80=", "complete"]);
  write(services("a.b:80: { endpoints: [10.0.0.2:80] }", "c.d:80: {}"));
  expect(await next("gone")).toEqual(["a.b:80=10.0.0.2", "gone e.f:80"]);
});

test("keeps the last good state while the file is wrong, and says what is wrong where", async () => {
  const { write, next } = watched(services("a.b:80: {}"));
  await next("complete");
  write(services("a.b:80: { endpoints: [nonsense] }"));
  expect(await next("trouble")).toEqual([
    'trouble: FILE:2: services["a.b:80"].endpoints[0]: expected "IP:port", IPv6 in brackets, or an object\nthe last good state stays',
  ]);
  write(services("a.b:80: {}"));
  expect(await next("no trouble")).toEqual(["no trouble"]);
});

test("is not complete before there has been a good file", async () => {
  const { write, next } = watched();
  expect(await next("trouble")).toEqual([expect.stringMatching(/^trouble: FILE: ENOENT.*\nnothing is served yet$/s)]);
  write("services: {}");
  expect(await next("no trouble")).toEqual(["complete", "no trouble"]);
});
