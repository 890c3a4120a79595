import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Changes, eventually } from "../support/until.ts";
import type { NetworkNamespace } from "./network-namespace.ts";
import type { PeerNews, PeerOrder } from "./peer-main.ts";

/** An echo server in a process of its own, named `peer`, which can be stopped in the middle of what it does. */
export interface PeerProcess extends AsyncDisposable {
  readonly port: number;
  /** `10.211.0.2:8080` */
  readonly address: string;
  /** What it told last. */
  readonly news: PeerNews;
  /** Resolves once the condition holds; looked at whenever the process tells something. */
  until(condition: () => boolean): Promise<void>;
  /** Stops the process where it stands (SIGSTOP): its kernel goes on acknowledging packets. */
  pause(): Promise<void>;
  resume(): void;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface PeerOptions {
  /** Default: none, the server listens on loopback. */
  readonly network?: NetworkNamespace;
  /** Whether calls are kept waiting for ever. Default false. */
  readonly holds?: boolean;
}

/** In a namespace every port is free; this one can't be given to a server outside as well, as free ports are taken from higher ones. */
const portInNamespace = 8_080;

export async function startPeer({ network, holds = false }: PeerOptions = {}): Promise<PeerProcess> {
  const order: PeerOrder = { host: network?.address ?? "127.0.0.1", port: network === undefined ? 0 : portInNamespace, holds };
  const child = spawnPeer(network, order);
  const ended = once(child, "exit");
  const changes = new Changes();
  let news: PeerNews = { port: 0, calls: 0, acceptedConnections: 0, openConnections: 0 };
  child.on("message", (message) => {
    news = message as PeerNews;
    changes.announce();
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    await changes.until(() => news.port > 0);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    port: news.port,
    address: `${order.host}:${news.port}`,
    get news() {
      return news;
    },
    until: (condition) => changes.until(condition),
    async pause() {
      child.kill("SIGSTOP");
      await eventually(() => stateOf(child.pid) === "T");
    },
    resume: () => void child.kill("SIGCONT"),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

function spawnPeer(network: NetworkNamespace | undefined, order: PeerOrder): ChildProcess {
  const script = fileURLToPath(new URL("peer-main.ts", import.meta.url));
  const [command, ...args] = [...(network?.execPrefix ?? []), process.execPath, script, JSON.stringify(order)] as [string, ...string[]];
  return spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** The letter that Linux gives a process's state: `T` is stopped (proc_pid_stat(5)). The name before it may hold anything, `)` too. */
function stateOf(pid: number | undefined): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}
