import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readToken, tokenFileFor } from "./token-file.ts";

const server = { target: "dns:///a.b:1", tls: false } as const;
const usual = { ...server, usualTokenFile: "/usual" };
const ofGrpc = { ...server, tokenFile: "/grpc" };

test("code's token goes before that of a bootstrap, and false means none", () => {
  expect(tokenFileFor(ofGrpc, { tokenFile: "/code" }, true)).toBe("/code");
  expect(tokenFileFor(ofGrpc, {}, true)).toBe("/grpc");
  expect(tokenFileFor(ofGrpc, { tokenFile: false }, false)).toBeUndefined();
  expect(tokenFileFor(server, {}, true)).toBeUndefined();
});

test("the usual one is shown by TLS alone, and others are an error without it, unless that is allowed", () => {
  expect(tokenFileFor(usual, {}, true)).toBe("/usual");
  expect(tokenFileFor(usual, {}, false)).toBeUndefined();
  expect(() => tokenFileFor(usual, { tokenFile: "/code" }, false)).toThrow(/^discovery\.xds\.tokenFile: without TLS.*allowPlaintextToken/);
  expect(() => tokenFileFor(ofGrpc, {}, false)).toThrow(/^jwt_token_file in call_creds of gRPC's bootstrap: without TLS/);
  expect(tokenFileFor(usual, { tokenFile: "/code", allowPlaintextToken: true }, false)).toBe("/code");
  expect(tokenFileFor(usual, { allowPlaintextToken: true }, false)).toBeUndefined();
});

test("a token is all that its file has, without the line's end; what is none is an error that does not repeat it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "token-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "token");
  const read = (text: string) => {
    writeFileSync(path, text);
    return readToken(path);
  };
  expect(await read("a.b.c\n")).toBe("a.b.c");
  for (const text of ["", "secret one", "secret\nother", "s\u00e9cret"]) {
    await expect(read(text)).rejects.toThrow(/^the token for the control plane, .*\/token: expected one token and nothing else$/);
  }
  await expect(read("x".repeat(20_000))).rejects.toThrow(/larger than 16384 bytes/);
  await expect(readToken("/nowhere/token")).rejects.toThrow(/\/nowhere\/token: ENOENT/);
});
