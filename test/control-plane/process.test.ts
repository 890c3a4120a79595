import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";
import { PlaneProcess } from "./plane-process.ts";
import { ServicesFile } from "./services-file.ts";
import { TestClient } from "./test-client.ts";

const services = (address: string) => ({ "a.b:80": { endpoints: [`${address}:80`] } });

test("a process serves its file, follows it, and goes at SIGTERM without a fault for its clients", { timeout: 60_000 }, async () => {
  const file = use(new ServicesFile());
  file.write(services("10.0.0.1"));
  const plane = use(await PlaneProcess.start(file.path));
  const texts = new TestClient(plane.port).delta(true, "a.b:80");
  expect((await texts.next()).value).toBe("a.b:80=10.0.0.1");
  file.writeText("services: [");
  file.write(services("10.0.0.2"));
  expect((await texts.next()).value).toBe("a.b:80=10.0.0.2");
  const exit = plane.end("SIGTERM");
  expect((await texts.next()).done).toBe(true);
  expect(await exit).toEqual([0, null]);
  await Promise.all([plane.said("registry complete"), plane.said("stream closed")]);
});

test("a log that can't be written is no reason to end", { timeout: 60_000 }, async () => {
  const file = use(new ServicesFile());
  file.write(services("10.0.0.1"));
  const port = await freePort();
  const args = ["control-plane/src/cli.ts", "--registry", `file:${file.path}`, "--listen", `127.0.0.1:${port}`];
  const plane = spawn(process.execPath, args, { stdio: ["ignore", openSync("/dev/full", "w"), "inherit"] });
  onTestFinished(() => void plane.kill("SIGKILL"));
  const exit = once(plane, "exit");
  await reachable(port);
  const client = new TestClient(port);
  expect((await client.delta(true, "a.b:80").next()).value).toBe("a.b:80=10.0.0.1");
  client.cancel();
  plane.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await closeServer(server);
  return port;
}

async function reachable(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
  }
}
