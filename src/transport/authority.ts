import { such } from "../check-options.ts";

/**
 * The `:authority` for a name from discovery: always a host, with a port only if it is a number. Anything else, such as a port
 * name, ends a stock connect-node server, whose request listener feeds it to `new URL`.
 *
 * @param name `checkout.shop:8080`, `checkout.shop:grpc`, `_grpc._tcp.checkout.shop`
 */
export function authorityOf(name: string): string {
  const withoutSrv = name.replace(/^(_[^.]+\.)+/, "");
  return withoutSrv.replace(/:(?!\d+$)[^:\]]*$/, "");
}

export const checkAuthority = such<string>(
  'a host with an optional numeric port, such as "checkout.shop" or "checkout.shop:8080"',
  // URL.canParse ignores control characters at either end.
  (value) =>
    typeof value === "string" && /^(\[[0-9a-f:.]+\]|[^\s\p{Cc}:/?#@[\]\\]+)(:\d{1,5})?$/iu.test(value) && URL.canParse(`http://${value}`),
);

/** The host of an authority, without brackets and port. */
export function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
