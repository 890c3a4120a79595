import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";

/** Adds the fields of a fetch `Headers` to a Node.js header object. */
export function appendHeaders(target: OutgoingHttpHeaders, headers: Headers): OutgoingHttpHeaders {
  // Fetch joins repeated fields by comma, except set-cookie, which no request has.
  headers.forEach((value, name) => {
    target[name] = value;
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
