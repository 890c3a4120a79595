import * as http2 from "node:http2";
import { expect, expectTypeOf, test } from "vitest";
import { testPki } from "../../test/support/test-pki.ts";
import { boundedHttp2Options } from "./bounded-http2.ts";

test("takes what a secure server takes, and returns it bounded", async () => {
  const { cert, key } = await (await testPki()).issueFor({ dns: ["localhost"] });
  const options = boundedHttp2Options({ cert, key, allowHTTP1: true });
  expectTypeOf(options).toExtend<http2.SecureServerOptions>();
  expect(options).toMatchObject({ cert, key, allowHTTP1: true, settings: { maxConcurrentStreams: 250 }, maxSettings: 32 });
  http2.createSecureServer(options).close();
});

test("what is given wins, and settings are merged", () => {
  const options = boundedHttp2Options({ maxSettings: 8, settings: { initialWindowSize: 1_000_000 } });
  expect(options).toMatchObject({ maxSettings: 8, settings: { initialWindowSize: 1_000_000, maxConcurrentStreams: 250 } });
  http2.createServer(options).close();
});
