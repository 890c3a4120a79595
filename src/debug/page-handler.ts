import type { IncomingMessage, ServerResponse } from "node:http";
import { assertOptions, callable, type OptionChecks, required, such } from "../check-options.ts";
import { type Clock, checkClock, systemClock } from "../clock.ts";
import { toError } from "../to-error.ts";
import { PacedAnswers } from "./paced-answers.ts";
import { type PageFile, readPageFile } from "./page-file.ts";
import { isLoopbackName, refusalOf } from "./refusal.ts";

/** Options of `createPageHandler`. */
export interface PageHandlerOptions {
  /** The page: one file of HTML, with its script and style inside. It is read when somebody asks for it first. */
  readonly file: URL;
  /**
   * What `GET /snapshot.json` answers, by its query; undefined: there is nothing of that. It is asked once a second at most, and less often, down to every five
   * seconds, where that would take more than 2 % of the time of the process.
   */
  readonly snapshot: (query: URLSearchParams) => object | undefined;
  /** Whether a request for this host is one for this process, and not for a website whose name leads here. Default: `localhost`, `127.0.0.1` and `::1` are. */
  readonly isOwnName?: ((name: string) => boolean) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** For a server of `node:http`. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void;

const checks: OptionChecks<PageHandlerOptions> = {
  file: required(such<URL>("the URL of a file", (value) => value instanceof URL && value.protocol === "file:")),
  snapshot: required(callable()),
  isOwnName: callable(),
  clock: checkClock,
};

/** For browsers: nobody else's page may have it, show it, or keep it. */
const headers: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const textPolicy = "default-src 'none'; frame-ancestors 'none'";

/**
 * Serves a page and its data, as `serveDebugPage` does: `GET /` and `GET /snapshot.json`, and to nobody who comes from a website.
 *
 * @throws ConfigurationError for options that can't be
 */
export function createPageHandler(options: PageHandlerOptions): PageHandler {
  const { file, snapshot, isOwnName = isLoopbackName, clock = systemClock } = assertOptions("createPageHandler", options, checks);
  const answers = new PacedAnswers(clock, cpuMs);
  let page: PageFile | undefined;
  const answer = (url: string, response: ServerResponse) => {
    const [path, query = ""] = url.split("?", 2);
    if (path === "/") {
      page ??= readPageFile(file);
      return send(response, 200, "text/html; charset=utf-8", page.policy, page.html);
    }
    const text = path === "/snapshot.json" ? answers.text(query, () => snapshot(new URLSearchParams(query))) : undefined;
    if (text === undefined) return sayText(response, 404, "there are / and /snapshot.json, and nothing else of that name");
    send(response, 200, "application/json", textPolicy, text);
  };
  return (request, response) => {
    const refusal = refusalOf(request, isOwnName);
    if (refusal !== undefined) return sayText(response, refusal.status, refusal.text);
    try {
      answer(request.url ?? "/", response);
    } catch (error) {
      sayText(response, 500, `it can't be had: ${toError(error).message}`);
    }
  };
}

function sayText(response: ServerResponse, status: number, text: string): void {
  send(response, status, "text/plain; charset=utf-8", textPolicy, `${text}\n`);
}

function send(response: ServerResponse, status: number, type: string, policy: string, body: string): void {
  response.writeHead(status, { ...headers, "content-type": type, "content-security-policy": policy });
  response.end(body);
}

/** Not the time that passed: a machine that is busy with other work makes that longer. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
