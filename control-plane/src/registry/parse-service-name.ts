import type { ServiceName } from "../service.ts";

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const pattern = new RegExp(`^(${label}(?:\\.${label})*):([1-9][0-9]{0,4})$`);

/** Reads `service.namespace:port`. Undefined for anything else. */
export function parseServiceName(text: string): ServiceName | undefined {
  const [, host = "", digits] = pattern.exec(text) ?? [];
  const port = Number(digits);
  // A host that ends in a number would be read as an IPv4 address.
  if (!(port <= 65_535) || host.length > 253 || /(^|\.)\d+$/.test(host)) return undefined;
  return { text, host, port };
}
