/** Why HTTP/2 was not agreed on with a server that speaks TLS. */
export function noHttp2(alpnAnswer: string): string {
  return `the server did not agree to HTTP/2 (ALPN answered ${alpnAnswer}): it may speak HTTP/1.1 only; serve HTTP/2, as http2.createSecureServer() does`;
}

/** Why a server that was reached without TLS closed the connection before it said anything. */
export const closedBeforeSettings =
  "the server closed the connection before it said anything in HTTP/2: it may expect TLS; if so, turn it on by the option tls, or an https: URL";

/** Why a certificate was refused that does not name the dialled address, where no better name is known. */
export function notForAddress(address: string, alternativeNames = ""): string {
  const names = alternativeNames.split(", ").flatMap((name) => /^DNS:(.+)$/.exec(name)?.[1] ?? []);
  const itIsFor = names.length === 0 ? "" : `, it is for ${names.join(", ")}`;
  const example = names.find((name) => !name.includes("*")) ?? "checkout.shop";
  return `the server's certificate does not match ${address}, which was dialled${itIsFor}: name the service, as in authority: "${example}"`;
}

/** Why a connection could not be made, in a sentence that names the usual next step. Undefined where the error says enough. */
export function explainConnectFailure(error: NodeJS.ErrnoException): string | undefined {
  switch (error.code) {
    case "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL":
      return noHttp2("by an alert");
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return "the server does not speak TLS on this port: leave out tls (or write http: in place of https:), or use its port for TLS";
    case "ERR_HTTP2_ERROR":
      return "the server answered with something else than HTTP/2: it may speak HTTP/1.1 only, or expect TLS; serve HTTP/2, as http2.createServer() does, or turn on tls";
    default:
      return undefined;
  }
}
