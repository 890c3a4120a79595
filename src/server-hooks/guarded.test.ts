import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { text } from "node:stream/consumers";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport, Http2SessionManager } from "@connectrpc/connect-node";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";
import { closeServer, listenOnLoopback } from "../../test/support/listen.ts";
import { guarded } from "./guarded.ts";

const path = "/meshless.testing.v1.EchoService/Update";

/** Each makes `new URL` throw, or is more than a host and a port to it. */
const malformedAuthorities = [
  "a:b",
  "echo.default:grpc",
  "[::1%25eth0]:80",
  "[::1",
  "::1",
  "[]",
  "[:::1]",
  "[1.2.3.4]",
  "a:65536",
  "a:-1",
  "a:80:80",
  "a:0x50",
  ":80",
  ":",
  "",
  "a b",
  "a<b",
  "a>b",
  "a^b",
  "a|b",
  "a%zz",
  "a%20b",
  "%",
  "256.256.256.256",
  "1.2.3.4.5",
  "0x100000000",
  "user@host",
  "user:password@host:80",
  "@host",
  "host/path",
  "host?query",
  "host#fragment",
  "host\\path",
  "http://host",
];

const goodAuthorities = [
  "localhost",
  "a:80",
  "a:",
  "checkout.shop",
  "checkout.shop:8080",
  "127.0.0.1:1",
  "[::1]",
  "[::1]:80",
  "under_score",
  "a%41",
];

const malformedPaths = ["//", "//[", "/\\", "//a:b/c"];
/** Of HTTP/1.1 alone: in HTTP/2, nghttp2 turns away what does not start with a slash. */
const malformedAbsolutePaths = ["http://[", "http://", "http://a:b/"];

const echo = connectNodeAdapter({
  routes: (router) => router.service(EchoService, { update: (request) => ({ text: request.text }) }),
  fallback: (request, response) => {
    // As many a fallback does; it must not see what makes this throw.
    new URL(request.url ?? "", `http://${request.headers.host ?? ("authority" in request ? request.authority : "")}`);
    response.writeHead(404);
    response.end();
  },
});

test("hands on exactly what makes a URL of a host, a port and a path", () => {
  let handedOn = false;
  let status = 0;
  const handle = guarded(() => {
    handedOn = true;
  });
  const response = { writeHead: (code: number) => (status = code), end() {} };
  const authority = fc.string({ unit: fc.constantFrom(..."a0.:[]%@/\\?#-x <"), maxLength: 8 });
  const url = fc.string({ unit: fc.constantFrom(..."/\\ab:?#[]%@.* "), maxLength: 8 });
  fc.assert(
    fc.property(authority, url, (authority, url) => {
      handedOn = false;
      handle({ url, authority, headers: {} }, response);
      const expected = !/[@/\\?# ]/.test(authority) && makesUrl(url, `http://${authority}`);
      expect(handedOn).toBe(expected);
      if (!expected) expect(status).toBe(400);
    }),
    {
      seed: 7,
      numRuns: 5_000,
      examples: [
        ["a", "/b"],
        ["a", "//"],
        ["a", "/ /["],
      ],
    },
  );
});

test("parses an authority once, and keeps no more than the 64 latest", () => {
  const canParse = vi.spyOn(URL, "canParse");
  onTestFinished(() => canParse.mockRestore());
  const handle = guarded(() => {});
  const ask = (authority: string) => handle({ url: "/", authority, headers: {} }, { writeHead() {}, end() {} });
  for (let i = 0; i < 64; i++) ask(`host-${i}`);
  ask("host-0");
  expect(canParse).toHaveBeenCalledTimes(64);
  ask("host-64");
  ask("host-0");
  expect(canParse).toHaveBeenCalledTimes(66);
});

/** As connect-node does it. */
function makesUrl(path: string, base: string): boolean {
  try {
    return new URL(path, base).href !== "";
  } catch {
    return false;
  }
}

describe("guarded, HTTP/1.1", () => {
  const server = http.createServer(guarded(echo));
  let port = 0;
  beforeEach(async () => {
    port = await listenOnLoopback(server);
  });
  afterEach(async () => {
    const closed = closeServer(server);
    server.closeAllConnections();
    await closed;
  });

  async function statusOf(target: string, hostLine: string, version = "1.1"): Promise<string> {
    const socket = net.connect(port, "127.0.0.1");
    const body = '{"text":"hello"}';
    socket.end(
      `POST ${target} HTTP/${version}\r\n${hostLine}content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    return (await text(socket)).split(" ", 2)[1] ?? "no answer";
  }

  async function expectAlive(): Promise<void> {
    const client = createClient(EchoService, createConnectTransport({ httpVersion: "1.1", baseUrl: `http://127.0.0.1:${port}` }));
    expect(await client.update({ text: "alive" })).toMatchObject({ text: "alive" });
  }

  test.each(malformedAuthorities)("answers 400 to Host %j, and lives", async (authority) => {
    expect(await statusOf(path, `Host: ${authority}\r\n`)).toBe("400");
    await expectAlive();
  });

  test("answers 400 to a missing Host", async () => {
    expect(await statusOf(path, "", "1.0")).toBe("400");
    await expectAlive();
  });

  test.each([...malformedPaths, ...malformedAbsolutePaths])("answers 400 to the path %j, and lives", async (target) => {
    expect(await statusOf(target, "Host: a\r\n")).toBe("400");
    await expectAlive();
  });

  test.each(goodAuthorities)("serves Host %j", async (authority) => {
    expect(await statusOf(path, `Host: ${authority}\r\n`)).toBe("200");
  });

  test.each(["/", "/?", "/a//b", "*", "http://a/b"])("leaves the path %j to the handler", async (target) => {
    expect(await statusOf(target, "Host: a\r\n")).toBe("404");
  });
});

describe("guarded, HTTP/2", () => {
  const server = http2.createServer(guarded(echo));
  let port = 0;
  let session: http2.ClientHttp2Session;
  beforeEach(async () => {
    port = await listenOnLoopback(server);
    session = http2.connect(`http://127.0.0.1:${port}`);
  });
  afterEach(async () => {
    session.destroy();
    await closeServer(server);
  });

  async function statusOf(headers: http2.OutgoingHttpHeaders): Promise<number | undefined> {
    const stream = session.request({ ":method": "POST", "content-type": "application/json", ...headers });
    stream.end('{"text":"hello"}');
    const [answer] = (await once(stream, "response")) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
    stream.resume();
    await once(stream, "close");
    return answer[":status"];
  }

  async function expectAlive(): Promise<void> {
    const sessionManager = new Http2SessionManager(`http://127.0.0.1:${port}`);
    const transport = createConnectTransport({ httpVersion: "2", baseUrl: `http://127.0.0.1:${port}`, sessionManager });
    expect(await createClient(EchoService, transport).update({ text: "alive" })).toMatchObject({ text: "alive" });
    sessionManager.abort();
  }

  test.each(malformedAuthorities)("answers 400 to :authority %j or turns the stream away, and lives", async (authority) => {
    // nghttp2 itself resets what no authority may contain, before any handler.
    const status = await statusOf({ ":path": path, ":authority": authority }).catch((error: NodeJS.ErrnoException) => error.code);
    expect([400, "ERR_HTTP2_STREAM_ERROR"]).toContain(status);
    await expectAlive();
  });

  test.each(["a:b", "echo.default:grpc", "[::1%25eth0]:80", "a:65536"])("answers 400, and no less, to %j", async (authority) => {
    expect(await statusOf({ ":path": path, ":authority": authority })).toBe(400);
    expect(await statusOf({ ":path": path, host: authority })).toBe(400);
  });

  test.each(malformedPaths)("answers 400 to :path %j, and lives", async (target) => {
    expect(await statusOf({ ":path": target, ":authority": "a" })).toBe(400);
    await expectAlive();
  });

  test.each(goodAuthorities)("serves :authority %j", async (authority) => {
    expect(await statusOf({ ":path": path, ":authority": authority })).toBe(200);
  });
});
