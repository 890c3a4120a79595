import type { IncomingHttpHeaders } from "node:http";

/** An answer to a request that gets none of what it asks for. */
export interface Refusal {
  readonly status: 403 | 404 | 405;
  readonly text: string;
}

interface Request {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

export function isLoopbackName(name: string): boolean {
  return loopbackNames.has(name);
}

/**
 * What has no business here. A website that has its own name lead to this machine (rebinding) is told by the Host header, one that asks from its own
 * pages by what browsers say of a request. The port may be any: it is another one behind `kubectl port-forward`.
 */
export function refusalOf({ method, headers }: Request, isOwnName: (name: string) => boolean): Refusal | undefined {
  if (method !== "GET") return { status: 405, text: "this page is only to be looked at: GET" };
  const { host = "", "sec-fetch-site": site, "sec-fetch-mode": mode, origin } = headers;
  if (!isOwnName(nameIn(host))) {
    return { status: 403, text: "ask for localhost or an address: other names may be those of a website" };
  }
  // A link may lead here, as nobody can read what it opens.
  const isOwn = site === undefined || site === "same-origin" || site === "none" || mode === "navigate";
  const isFromHere = origin === undefined || origin === `http://${host}`;
  return isOwn && isFromHere ? undefined : { status: 403, text: "other sites may not read this page" };
}

/** Of a Host header: without the port, and an IPv6 address without its brackets. */
function nameIn(host: string): string {
  return host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}
