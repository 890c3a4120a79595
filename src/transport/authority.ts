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

/** Checks an authority that a user gave. @throws TypeError that shows the right form */
export function assertAuthority(authority: string): void {
  // URL.canParse ignores control characters at either end.
  if (/^(\[[0-9a-f:.]+\]|[^\s\p{Cc}:/?#@[\]\\]+)(:\d{1,5})?$/iu.test(authority) && URL.canParse(`http://${authority}`)) return;
  throw new TypeError(
    `authority ${JSON.stringify(authority)} is not a host with an optional numeric port; write "checkout.shop" or "checkout.shop:8080"`,
  );
}

/** The host of an authority, without brackets and port. */
export function hostOf(authority: string): string {
  return authority.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
