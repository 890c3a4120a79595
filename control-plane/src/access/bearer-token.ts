import { Refusal } from "./refusal.ts";

/** Above what any token has. */
const maxLength = 16_384;

/**
 * The token that a client shows in its header `Authorization`.
 *
 * @returns undefined without that header
 * @throws Refusal if there is something else in it
 */
export function bearerToken(headers: Headers): string | undefined {
  const value = headers.get("authorization");
  if (value === null) return undefined;
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(value) ?? [];
  if (token === undefined || token.length > maxLength) throw new Refusal("malformed", "Authorization: expected Bearer and one token");
  return token;
}
