import { readFileSync } from "node:fs";
import { type Finding, fail, ok } from "./finding.ts";
import { span } from "./words.ts";

const name = "token";
const renewed =
  "kubelet renews a token that it has projected: is that what is mounted there? One of `kubectl create token` has to be made anew";

/** What a token says of itself: whether it is good, the control plane alone can tell. */
export function tokenFinding(path: string, nowMs: number): Finding {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    return fail(name, `${path} can't be read: ${(error as Error).message}`, "is a token of the ServiceAccount projected there?");
  }
  const claims = claimsOf(text);
  if (claims === undefined)
    return fail(name, `${path} has no token of a ServiceAccount`, "is a token of the ServiceAccount projected there?");
  const { exp, aud = [], sub = "nobody" } = claims;
  const leftMs = (exp ?? Number.POSITIVE_INFINITY) * 1_000 - nowMs;
  if (leftMs <= 0) return fail(name, `the one in ${path} expired ${span(-leftMs)} ago`, renewed);
  return ok(name, `of ${sub}, for ${[aud].flat().join(", ") || "nobody"}${exp === undefined ? "" : `, for another ${span(leftMs)}`}`);
}

interface Claims {
  /** In s since 1970. */
  readonly exp?: number;
  readonly aud?: string | readonly string[];
  readonly sub?: string;
}

/** What stands in a JSON Web Token, whoever has signed it. */
function claimsOf(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
