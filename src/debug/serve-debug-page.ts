import { basename } from "node:path";
import { assertChecked, assertOptions, having, list, type OptionChecks, oneOf, required, text, whole } from "../check-options.ts";
import { type Clock, checkClock, systemClock } from "../clock.ts";
import type { BalancedTransport } from "../transport/balanced-transport.ts";
import { DebugServer } from "./debug-server.ts";
import { createPageHandler } from "./page-handler.ts";
import { TransportSnapshots } from "./transport-snapshots.ts";

/** The page as it is built; the same path from `src` and from `dist`. */
const file = new URL("../../dist/debug/page.html", import.meta.url);

/** Options of `serveDebugPage`. */
export interface DebugPageOptions {
  /** What is to be seen, in this order. */
  readonly transports: readonly BalancedTransport[];
  /** Where the page is on this machine. Default 9990; 0 for any port that is free. */
  readonly port?: number | undefined;
  /** The address to listen on: of this machine, and not to be reached from others. Default `127.0.0.1`. */
  readonly host?: "127.0.0.1" | "::1" | undefined;
  /** What the page calls this process. Default: the file that it runs. */
  readonly name?: string | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A page that is served. */
export interface DebugPage extends AsyncDisposable {
  /** As `http://127.0.0.1:9990/`. */
  readonly url: string;
  readonly port: number;
  /** Shows one more transport. */
  add(transport: BalancedTransport): void;
  /** Serves no more. The transports stay as they are. */
  close(): Promise<void>;
}

const checkTransport = having<BalancedTransport>("a balanced transport", "inspect", "events", "observe");

const checks: OptionChecks<DebugPageOptions> = {
  transports: required(list("a list of balanced transports", checkTransport)),
  port: whole(0, 65_535),
  host: oneOf("127.0.0.1", "::1"),
  name: text,
  clock: checkClock,
};

/**
 * Serves a page that shows, once a second, what transports of this process do and why, and the same as JSON. It can be had from this machine alone, changes nothing,
 * and costs nothing while nobody looks. It does not keep the process alive.
 *
 * @throws ConfigurationError for options that can't be, and for a port that is taken
 */
export async function serveDebugPage(options: DebugPageOptions): Promise<DebugPage> {
  const { transports, port = 9990, host = "127.0.0.1", name, clock = systemClock } = assertOptions("serveDebugPage", options, checks);
  const known = { name: name ?? basename(process.argv[1] ?? "node"), pid: process.pid, node: process.version };
  const snapshots = new TransportSnapshots(() => ({ ...known, upForMs: Math.round(process.uptime() * 1_000) }), clock);
  const server = new DebugServer(createPageHandler({ file, snapshot: (query) => snapshots.of(query), clock }));
  const listening = await server.listen(host, port);
  for (const transport of transports) snapshots.add(transport);
  const close = async () => {
    snapshots.close();
    await server.close();
  };
  return {
    url: `http://${host === "::1" ? "[::1]" : host}:${listening}/`,
    port: listening,
    add: (transport) => snapshots.add(assertChecked(transport, checkTransport, "add")),
    close,
    [Symbol.asyncDispose]: close,
  };
}
