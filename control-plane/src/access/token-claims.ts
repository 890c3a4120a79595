/** What a token says of itself. It is true once somebody has checked who signed it, and until then good for refusing it alone. */
export interface TokenClaims {
  /** Whom it is meant for. */
  readonly audiences: readonly string[];
  /** In ms, as `Date.now()` counts them. */
  readonly expiresAtMs: number;
}

/** Undefined if it is no JSON Web Token, or says not when it ends: such a token could never be taken back. */
export function readClaims(token: string): TokenClaims | undefined {
  const [, payload, signature, ...more] = token.split(".");
  if (payload === undefined || signature === undefined || more.length > 0) return undefined;
  const { aud, exp } = parsed(payload);
  if (typeof exp !== "number") return undefined;
  const audiences = [aud].flat().filter((audience) => typeof audience === "string");
  return { audiences, expiresAtMs: exp * 1_000 };
}

function parsed(payload: string): { readonly aud?: unknown; readonly exp?: unknown } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
