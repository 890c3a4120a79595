import { expect, test } from "vitest";
import { isLoopbackName, refusalOf } from "./refusal.ts";

const statusOf = (headers: Record<string, string>, method = "GET") => refusalOf({ method, headers }, isLoopbackName)?.status;

test.each(["localhost:9990", "127.0.0.1:9990", "[::1]:9990", "localhost", "LOCALHOST:80", "127.0.0.1:18080"])(
  "%s is this machine",
  (host) => {
    expect(statusOf({ host })).toBeUndefined();
  },
);

test.each([
  "evil.example:9990",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "10.0.0.1:9990",
  "[::2]",
  "",
  "localhost:9990@evil",
  "0.0.0.0:9990",
])("a request for %j may be that of a website which has its name lead here", (host) => {
  expect(statusOf({ host })).toBe(403);
});

test("a request without a host is refused", () => {
  expect(statusOf({})).toBe(403);
});

test.each(["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "CONNECT"])("%s is refused", (method) => {
  expect(statusOf({ host: "localhost" }, method)).toBe(405);
});

test.each([
  [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }],
  [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  // Another port of this machine is another site's as well.
  [{ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }],
  [{ origin: "http://evil.example" }],
  [{ origin: "http://localhost:3000" }],
  [{ origin: "null" }],
])("%o is a request of another site", (headers) => {
  expect(statusOf({ host: "localhost:9990", ...headers })).toBe(403);
});

test.each([
  [{ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }],
  [{ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }],
  [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }],
  [{ origin: "http://localhost:9990", "sec-fetch-site": "same-origin" }],
])("%o is one of the page's own, or a link", (headers) => {
  expect(statusOf({ host: "localhost:9990", ...headers })).toBeUndefined();
});
