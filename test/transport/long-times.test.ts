import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import * as http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BalancedTransportOptions } from "../../src/index.ts";
import { protect } from "../../src/server-hooks/index.ts";
import { balancedClient } from "../support/balanced-client.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";

/** What Node.js says of each timer that it makes one of 1 ms. */
function overflows(): readonly string[] {
  const seen: string[] = [];
  const onWarning = (warning: Error) => {
    if (warning.name === "TimeoutOverflowWarning") seen.push(warning.message);
  };
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  return seen;
}

interface Setting {
  readonly options?: BalancedTransportOptions;
  readonly callTimeoutMs?: number;
  readonly graceMs?: number;
  /** Default: `static:`. */
  readonly scheme?: "dns" | "file";
}

/** Every time that a user can set on the client, and that makes a timer. */
const settings: readonly (readonly [name: string, as: (ms: number) => Setting])[] = Object.entries({
  "close({ graceMs })": (graceMs) => ({ graceMs }),
  timeoutMs: (callTimeoutMs) => ({ callTimeoutMs }),
  defaultTimeoutMs: (defaultTimeoutMs) => ({ options: { defaultTimeoutMs } }),
  endpointsTimeoutMs: (endpointsTimeoutMs) => ({ options: { endpointsTimeoutMs } }),
  "session.connectTimeoutMs": (connectTimeoutMs) => ({ options: { session: { connectTimeoutMs } } }),
  "session.pingIntervalMs": (pingIntervalMs) => ({ options: { session: { pingIntervalMs } } }),
  "session.pingTimeoutMs": (pingTimeoutMs) => ({ options: { session: { pingTimeoutMs, pingIntervalMs: 5 } } }),
  "session.idleConnectionTimeoutMs": (idleConnectionTimeoutMs) => ({ options: { session: { idleConnectionTimeoutMs } } }),
  "dns.refreshIntervalMs": (refreshIntervalMs) => ({ scheme: "dns", options: { discovery: { dns: { refreshIntervalMs } } } }),
  "dns.timeoutMs": (timeoutMs) => ({ scheme: "dns", options: { discovery: { dns: { timeoutMs } } } }),
  "file.pollIntervalMs": (pollIntervalMs) => ({ scheme: "file", options: { discovery: { file: { pollIntervalMs } } } }),
} satisfies Record<string, (ms: number) => Setting>);

async function targetOf(scheme: Setting["scheme"], server: EchoServer): Promise<string> {
  if (scheme === undefined) return `static:///${server.address}`;
  if (scheme === "dns") return `dns:///localhost:${server.port}`;
  const dir = await mkdtemp(join(tmpdir(), "meshless-long-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "endpoints.json"), JSON.stringify([server.address]));
  return `file://${join(dir, "endpoints.json")}`;
}

describe.each([3e9, Number.POSITIVE_INFINITY])("%d ms is a long time, and not 1 ms", (ms) => {
  it.each(settings)("as %s", async (_, as) => {
    const { options = {}, callTimeoutMs, graceMs, scheme } = as(ms);
    const seen = overflows();
    const server = use(await startEchoServer());
    const { client, transport } = balancedClient(await targetOf(scheme, server), options);
    const call = client.update({ behavior: { delayMs: 50 } }, callTimeoutMs === undefined ? {} : { timeoutMs: callTimeoutMs });
    call.catch(() => {});
    await server.until(() => server.calls.length === 1);
    const closed = transport.close(graceMs === undefined ? {} : { graceMs });
    expect(await call).toMatchObject({ server: { name: "server" } });
    await closed;
    expect(seen).toEqual([]);
  });

  it("as protect({ stallTimeoutMs })", async () => {
    const seen = overflows();
    const server = protect(http2.createServer(), { stallTimeoutMs: ms });
    const port = await listenOnLoopback(server);
    use({ [Symbol.asyncDispose]: () => closeServer(server) });
    server.on("stream", (stream: http2.ServerHttp2Stream) => {
      stream.respond();
      // More than what the client's window takes.
      stream.end(Buffer.alloc(100_000));
    });
    const session = http2.connect(`http://127.0.0.1:${port}`);
    use({ [Symbol.asyncDispose]: async () => session.destroy() });
    const stream = session.request();
    await once(stream, "response");
    await new Promise((resolve) => session.ping(resolve));
    expect((await stream.toArray()).reduce((bytes, chunk) => bytes + chunk.length, 0)).toBe(100_000);
    expect(seen).toEqual([]);
  });
});

it("a call's own endless time counts more than the default", async () => {
  const server = use(await startEchoServer());
  const { client } = balancedClient(`static:///${server.address}`, { defaultTimeoutMs: 20 });
  const call = client.update({ behavior: { delayMs: 60 } }, { timeoutMs: Number.POSITIVE_INFINITY });
  expect(await call).toMatchObject({ server: { name: "server" } });
  expect(server.calls[0]?.headers).not.toHaveProperty("connect-timeout-ms");
});
