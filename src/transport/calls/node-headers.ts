import type { IncomingHttpHeaders } from "node:http2";
import { mayBounceHeader } from "../../bounce.ts";

/** Names and values in turn: what Node.js sends with the least ado. */
export type RawHeaders = readonly string[];

/** How many attempts there were before this one, as gRPC names it (A6). */
const previousAttemptsHeader = "grpc-previous-rpc-attempts";

/** What an attempt says of itself, to the server that it goes to and to no other. */
export const ownHeaders: readonly string[] = [mayBounceHeader, previousAttemptsHeader];

/** Adds what an attempt says of itself. */
export function appendOwn(target: string[], { mayBounce, previous }: { readonly mayBounce: number; readonly previous: number }): string[] {
  if (mayBounce > 0) target.push(mayBounceHeader, String(mayBounce));
  if (previous > 0) target.push(previousAttemptsHeader, String(previous));
  return target;
}

/** Adds the fields of a fetch `Headers`, but for what another hop has said of itself. */
export function appendHeaders(target: string[], headers: Headers): string[] {
  // Fetch joins repeated fields by comma, except set-cookie, which no request has.
  headers.forEach((value, name) => {
    if (!ownHeaders.includes(name)) target.push(name, value);
  });
  return target;
}

/** Adds what Node.js received to a fetch `Headers`, without pseudo-headers. */
export function appendReceived(headers: Headers, received: IncomingHttpHeaders): Headers {
  for (const name in received) {
    const value = received[name];
    if (value === undefined || name.charCodeAt(0) === 58 /* : */) continue;
    if (typeof value === "string") headers.append(name, value);
    else for (const one of value) headers.append(name, one);
  }
  return headers;
}
