import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { TokenReviewer } from "../../control-plane/src/access/token-reviewer.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { startSecuredPlane } from "../control-plane/secured-plane.ts";
import { testToken } from "../support/test-token.ts";

/** What to give to a command that asks a control plane which wants tokens, and keeps namespaces apart. */
export interface ClosedPlane {
  /** With a token of these claims; those that are not given are good ones. */
  argsOf(claims: object): string;
  readonly argsWithout: string;
}

/** Accepts accounts but `nobody`, and may not be asked of `not:checked`: as an apiserver that grants nothing. */
const reviewer: TokenReviewer = {
  async review(token) {
    const { sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    if (sub === "not:checked") throw new Error("TokenReview: tokenreviews.authentication.k8s.io is forbidden");
    return sub === "nobody" ? { problem: "no such account" } : { username: `system:serviceaccount:${sub}` };
  },
};

export async function closedPlane(): Promise<ClosedPlane> {
  const registry = memoryRegistry({ "a.shop:80": { endpoints: ["127.0.0.1:1", "127.0.0.2:1"] } });
  const plane = await startSecuredPlane({ registry, closed: true, tokens: { reviewer }, allowAddresses: ["127.0.0.0/8"] });
  const folder = mkdtempSync(join(tmpdir(), "secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ca = join(folder, "ca.crt");
  writeFileSync(ca, plane.pki.ca);
  const usual = { sub: "shop:cart", aud: ["meshless-control-plane"], exp: Math.floor(Date.now() / 1_000) + 3_600 };
  let tokens = 0;
  const argsWithout = `xds:///a.shop:80 --control-plane 127.0.0.1:${plane.port} --control-plane-ca ${ca} --allow-addresses 127.0.0.0/8`;
  return {
    argsWithout,
    argsOf(claims) {
      const path = join(folder, `token-${++tokens}`);
      writeFileSync(path, testToken({ ...usual, ...claims }));
      return `${argsWithout} --token-file ${path}`;
    },
  };
}
