/** `10.0.0.1:80`, `checkout.shop:80`, and `[fd00::1]:80` for IPv6. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
