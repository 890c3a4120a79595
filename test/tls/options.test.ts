import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { ConfigurationError, createBalancedTransport, type TlsOptions } from "../../src/index.ts";
import { createSecretDir } from "../support/secret-dir.ts";
import { createPki, testPki } from "../support/test-pki.ts";
import { use } from "../support/use.ts";

function create(tls: TlsOptions): void {
  const transport = createBalancedTransport("static:///127.0.0.1:1", { tls });
  use({ [Symbol.asyncDispose]: () => transport.close() });
}

describe("options that would silently undo each other are refused", () => {
  const files = { ca: "ca.crt" };
  const spiffe = { trustDomain: "prod.example" };
  it.each<[TlsOptions, string]>([
    [{ session: Buffer.from("x") }, "tls.session: it would skip the check of the server's identity; leave it out"],
    [{ spiffe, rejectUnauthorized: false }, "tls.rejectUnauthorized: false would skip tls.spiffe"],
    [{ spiffe, createConnection: () => expect.fail() }, "tls.createConnection: it makes connections that tls.spiffe does not see"],
    [{ files, ca: "x" }, "tls.ca: it and tls.files exclude each other"],
    [{ files, pfx: "x" }, "tls.pfx: it and tls.files exclude each other"],
    [{ files: { cert: "tls.crt" } }, "tls.files: cert and key belong together"],
    [{ files: { key: "tls.key" } }, "tls.files: cert and key belong together"],
    [{ spiffe: { trustDomain: "a/b" } }, 'tls.spiffe.trustDomain: expected a trust domain such as "prod.example.com", got "a/b"'],
    [
      { ca: "/etc/tls/ca.crt" },
      'tls.ca: expected a certificate in PEM, got "/etc/tls/ca.crt"; read the file, or write tls: { files: { ca: "/etc/tls/ca.crt" } }',
    ],
    [{ ca: [Buffer.from("./ca.crt")] }, 'tls.ca: expected a certificate in PEM, got "./ca.crt"; read the file'],
    [{ cert: "tls.crt" }, 'tls.cert: expected a certificate in PEM, got "tls.crt"; read the file'],
    [{ key: "secret" }, "tls.key: expected a key in PEM; read the file, or give its path as tls.files.key"],
  ])("%o", (tls, message) => {
    expect(() => create(tls)).toThrow(message);
    expect(() => create(tls)).toThrow(ConfigurationError);
  });
});

describe("what can't be used is said at once, and where it stands", () => {
  it.each<[string, "ca" | "cert" | "key", (whole: string) => string, RegExp]>([
    [
      "an empty CA file, which Node.js takes for the default authorities",
      "ca",
      () => "",
      /^tls\.files\.ca .*ca\.crt: no certificate in PEM$/,
    ],
    ["a CA file that is none", "ca", () => "x", /^tls\.files\.ca .*: no certificate in PEM$/],
    ["a CA file whose second certificate is half written", "ca", (whole) => whole + whole.slice(0, 300), /^tls\.files\.ca .*: error:.*PEM/],
    ["half a certificate", "cert", (whole) => whole.slice(0, 300), /^tls\.files\.cert .*tls\.crt: error:.*PEM/],
    ["a key that is none", "key", () => "x", /^tls\.files .*tls\.crt and .*tls\.key: error:/],
  ])("%s", async (_, kind, change, message) => {
    const pki = await testPki();
    const credentials = await pki.issue("client");
    const dir = use(await createSecretDir(pki.ca, credentials));
    create({ files: dir.files });
    await writeFile(dir.files[kind], change({ ca: pki.ca, ...credentials }[kind]));
    expect(() => create({ files: dir.files })).toThrow(message);
  });

  it("a key of another certificate", async () => {
    const pki = await testPki();
    const { cert } = await pki.issue("client");
    const { key } = await pki.issue("other");
    const dir = use(await createSecretDir(pki.ca, { cert, key }));
    expect(() => create({ files: dir.files })).toThrow(/^tls\.files .*tls\.crt and .*tls\.key: .*key values mismatch/);
    expect(() => create({ cert, key })).toThrow(/^tls: .*key values mismatch/);
  });

  it("a file that is missing", () => {
    expect(() => create({ files: { ca: "/nowhere/ca.crt" } })).toThrow("tls.files.ca /nowhere/ca.crt: ENOENT");
  });

  it("and several authorities in one file are fine", async () => {
    const [one, other] = [await testPki(), await createPki()];
    const dir = use(await createSecretDir(`# two\n${one.ca}\n${other.ca}\n`, await one.issue("client")));
    expect(() => create({ files: dir.files })).not.toThrow();
  });
});
