import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { TestClient } from "./test-client.ts";

/** The control plane as its users run it, on a file. */
async function startProcess(services: string) {
  const folder = mkdtempSync(join(tmpdir(), "control-plane-"));
  const file = join(folder, "services.yaml");
  const write = (text: string) => writeFileSync(file, text);
  write(services);
  const child = spawn(process.execPath, ["control-plane/src/cli.ts", "--registry", `file:${file}`, "--listen", "127.0.0.1:0"]);
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  return { child, write, ...(await logOf(child)) };
}

/** Reads the log up to the port, and goes on. */
async function logOf(child: ChildProcess) {
  const log: string[] = [];
  child.stderr?.pipe(process.stderr);
  if (child.stdout === null) throw new Error("no output");
  const lines = createInterface({ input: child.stdout });
  const port = new Promise<number>((resolve) => {
    lines.on("line", (line) => {
      const entry = JSON.parse(line) as { readonly msg: string; readonly port?: number };
      log.push(entry.msg);
      if (entry.msg === "serving xDS") resolve(entry.port ?? 0);
    });
  });
  return { log, port: await port };
}

const services = (address: string) => `services:\n  a.b:80:\n    endpoints: ["${address}:80"]\n`;

test("a process serves its file, follows it, and goes at SIGTERM without a fault for its clients", async () => {
  const { child, write, port, log } = await startProcess(services("10.0.0.1"));
  const texts = new TestClient(port).delta(true, "a.b:80");
  expect((await texts.next()).value).toBe("a.b:80=10.0.0.1");
  write("services: [");
  write(services("10.0.0.2"));
  expect((await texts.next()).value).toBe("a.b:80=10.0.0.2");
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect((await texts.next()).done).toBe(true);
  expect(await exit).toEqual([0, null]);
  expect(log).toEqual(expect.arrayContaining(["registry complete", "stream closed"]));
});
