import type { IncomingHttpHeaders } from "node:http2";
import { mayBounceHeader } from "../../bounce.ts";

/** Names and values in turn: what Node.js sends with the least ado. */
export type RawHeaders = readonly string[];

/** Adds the fields of a fetch `Headers`, but for a permit that was meant for another hop. */
export function appendHeaders(target: string[], headers: Headers): string[] {
  // Fetch joins repeated fields by comma, except set-cookie, which no request has.
  headers.forEach((value, name) => {
    if (name !== mayBounceHeader) target.push(name, value);
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
