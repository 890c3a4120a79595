import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { closeServer, listenOnLoopback } from "./listen.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { use } from "./use.ts";

/** A server that sends back what it gets, and a proxy in front of it. */
async function startProxiedEcho(): Promise<TcpProxy> {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  const port = await listenOnLoopback(server);
  use({ [Symbol.asyncDispose]: () => closeServer(server) });
  return use(await startTcpProxy(port));
}

async function dial(proxy: TcpProxy): Promise<Socket> {
  const socket = connect(proxy.port, "127.0.0.1");
  use({ [Symbol.asyncDispose]: async () => void socket.destroy() });
  await once(socket, "connect");
  return socket;
}

async function roundTrip(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = await once(socket, "data");
  return String(chunk);
}

it("forwards both ways, and counts connections", async () => {
  const proxy = await startProxiedEcho();
  const socket = await dial(proxy);
  expect(await roundTrip(socket, "hello")).toBe("hello");
  expect([proxy.open(), proxy.accepted()]).toEqual([1, 1]);
  socket.end();
  await proxy.until(() => proxy.open() === 0);
  expect(proxy.accepted()).toBe(1);
});

it("goes down and comes up on the same port", async () => {
  const proxy = await startProxiedEcho();
  const socket = await dial(proxy);
  const cut = once(socket, "close");
  await proxy.down();
  await cut;
  await expect(dial(proxy)).rejects.toThrow("ECONNREFUSED");
  await proxy.up();
  expect(await roundTrip(await dial(proxy), "again")).toBe("again");
});

it("resets its peers", async () => {
  const proxy = await startProxiedEcho();
  const socket = await dial(proxy);
  await proxy.until(() => proxy.open() === 1);
  proxy.resetPeers();
  await expect(once(socket, "close")).rejects.toThrow("ECONNRESET");
});

it("stalls, and delivers what it held back when it resumes", async () => {
  const proxy = await startProxiedEcho();
  const stalled = await dial(proxy);
  await roundTrip(stalled, "before");
  proxy.stall();
  const heard: string[] = [];
  stalled.on("data", (chunk) => heard.push(String(chunk)));
  stalled.write("held back");
  const late = roundTrip(await dial(proxy), "late");
  await proxy.until(() => proxy.accepted() === 2);
  expect(heard).toEqual([]);
  proxy.resume();
  expect(await late).toBe("late");
  if (heard.length === 0) await once(stalled, "data");
  expect(heard).toEqual(["held back"]);
});

it("closes after so many bytes", async () => {
  const proxy = await startProxiedEcho();
  proxy.limitData(4);
  const socket = await dial(proxy);
  socket.write("abcdef");
  expect(Buffer.concat(await socket.toArray()).toString()).toBe("abcd");
});

it("delays what the server sends", async () => {
  const proxy = await startProxiedEcho();
  proxy.latency(30);
  const socket = await dial(proxy);
  const startMs = performance.now();
  await roundTrip(socket, "x");
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(29);
});
