/** What {@link guarded} reads of a request: one of `node:http`, or of the compatibility API of `node:http2`. */
export interface GuardedRequest {
  readonly url?: string | undefined;
  readonly headers: { readonly host?: string | undefined };
  /** HTTP/2 only. */
  readonly authority?: string | undefined;
}

/** What {@link guarded} calls on a response. */
export interface GuardedResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(text: string): unknown;
}

const maxKnownAuthorities = 64;

/**
 * Answers 400 to a request whose `:authority` (or `Host`) or `:path` makes no URL, and hands on every other. connect-node
 * 2.2 parses both outside any try: there, one such request from anyone is an uncaught exception, which ends the server.
 *
 * ```ts
 * http2.createServer(guarded(connectNodeAdapter({ routes })));
 * ```
 */
export function guarded<Request extends GuardedRequest, Response extends GuardedResponse>(
  handler: (request: Request, response: Response) => void,
): (request: Request, response: Response) => void {
  const knownAuthorities = new Set<string>();
  return (request, response) => {
    const authority = "authority" in request ? request.authority : request.headers.host;
    if (authority === undefined || !isGoodAuthority(authority, knownAuthorities)) {
      refuse(response, "the authority is not host[:port]");
    } else if (!isGoodPath(request.url ?? "", authority)) {
      refuse(response, "the path makes no URL");
    } else {
      handler(request, response);
    }
  };
}

function isGoodAuthority(authority: string, known: Set<string>): boolean {
  if (known.has(authority)) return true;
  if (!isHostAndPort(authority)) return false;
  if (known.size >= maxKnownAuthorities) known.delete(known.values().next().value ?? "");
  known.add(authority);
  return true;
}

/** Whatever `new URL` takes as a host with or without a port, and none of the characters that would end it or be dropped from it. */
function isHostAndPort(authority: string): boolean {
  return isAscii(authority) && !/[/\\?#@\s]/.test(authority) && URL.canParse(`http://${authority}`);
}

/** Names are ASCII on the wire. For other bytes `URL.canParse` of Node.js 22 says yes, once it is compiled, where `new URL` throws. */
function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** A slash followed by anything but a second one starts a path, and no path fails to parse; the rest may name a host. */
function isGoodPath(path: string, authority: string): boolean {
  return /^\/(?![/\\\s])/.test(path) || (isAscii(path) && URL.canParse(path, `http://${authority}`));
}

function refuse(response: GuardedResponse, reason: string): void {
  response.writeHead(400, { "content-type": "text/plain" });
  response.end(`${reason}\n`);
}
