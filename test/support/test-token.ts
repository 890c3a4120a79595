/** For tests: a JSON Web Token of these claims, which nobody has signed. */
export function testToken(claims: object | null): string {
  return [{ alg: "none" }, claims, "signature"].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}
