import { createRequire } from "node:module";
import { createRouterTransport } from "@connectrpc/connect";
import * as imported from "@connectrpc/connect-node";
import { describe, expect, test } from "vitest";
import { detectProtocol } from "./detect-protocol.ts";

const required: typeof imported = createRequire(import.meta.url)("@connectrpc/connect-node");

describe.each([
  ["imported", imported],
  ["required", required],
])("factories as %s", (_, { createConnectTransport, createGrpcTransport, createGrpcWebTransport }) => {
  test("tell their protocol", () => {
    expect(detectProtocol(createConnectTransport, "http://localhost")).toBe("connect");
    expect(detectProtocol(createGrpcTransport, "http://localhost")).toBe("grpc");
    expect(detectProtocol(createGrpcWebTransport, "http://localhost")).toBe("grpc-web");
  });
  test("tell it wrapped and renamed as well", () => {
    const f: typeof createGrpcTransport = (options) => createGrpcTransport({ ...options, useBinaryFormat: true });
    expect(detectProtocol(f, "http://localhost")).toBe("grpc");
  });
});

test("two copies of connect-node are two functions, which is why identity would not do", () => {
  expect(required.createGrpcTransport).not.toBe(imported.createGrpcTransport);
});

test("a factory of another kind gets an error that names the right ones", () => {
  expect(() => detectProtocol(() => createRouterTransport(() => {}), "http://localhost")).toThrow(/pass createConnectTransport/);
});
