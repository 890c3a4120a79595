import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findPeer } from "../../scripts/peers.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";

const folder = findPeer("prometheus");
export const hasPrometheus: boolean = folder !== undefined;

/** A real Prometheus, with what it has scraped. */
export interface Prometheus extends AsyncDisposable {
  /** What a query finds now: the values. */
  query(text: string): Promise<readonly number[]>;
  /** The rules that it evaluates, and what went wrong with them. */
  rules(): Promise<readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]>;
}

/** Scrapes a port of this machine every 250 ms. @param rulesFile rules of alerts */
export async function startPrometheus(scrapedPort: number, rulesFile: string): Promise<Prometheus> {
  const home = mkdtempSync(join(tmpdir(), "prometheus-"));
  const port = await freePort();
  const every = "250ms";
  const scraped = [{ job_name: "meshless", static_configs: [{ targets: [`127.0.0.1:${scrapedPort}`] }] }];
  const global = { scrape_interval: every, scrape_timeout: every, evaluation_interval: every };
  const config = { global, rule_files: [resolve(rulesFile)], scrape_configs: scraped };
  writeFileSync(join(home, "prometheus.yml"), JSON.stringify(config));
  const flags = [`--config.file=${home}/prometheus.yml`, `--storage.tsdb.path=${home}/data`, `--web.listen-address=127.0.0.1:${port}`];
  const child = spawn(join(folder ?? "", "prometheus"), [...flags, "--log.level=error"], { stdio: "inherit" });
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  };
  await untilReady(port);
  return {
    async query(text) {
      const { result } = await ask<{ result: readonly { value: [number, string] }[] }>(`query?query=${encodeURIComponent(text)}`);
      return result.map(({ value }) => Number(value[1]));
    },
    async rules() {
      const { groups } = await ask<{ groups: readonly { rules: Awaited<ReturnType<Prometheus["rules"]>> }[] }>("rules");
      return groups.flatMap(({ rules }) => rules);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await once(child, "exit");
      rmSync(home, { recursive: true });
    },
  };
}

/** What promtool finds wrong with a file of rules; throws if it is anything. */
export function checkRules(file: string): string {
  return execFileSync(join(folder ?? "", "promtool"), ["check", "rules", file], { encoding: "utf8" });
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await closeServer(server);
  return port;
}

async function untilReady(port: number): Promise<void> {
  for (const endsAtMs = performance.now() + 20_000; performance.now() < endsAtMs; ) {
    const response = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("Prometheus is not ready within 20 s");
}
