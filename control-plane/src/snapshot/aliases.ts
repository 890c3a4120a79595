/** What people in Kubernetes are used to write after `service.namespace`. */
const suffixes = [".svc", ".svc.cluster.local"] as const;
const pattern = /^([^:/]+?)\.svc(?:\.cluster\.local)?(:[^/]*)?$/;

/** Other names by which a service may be asked for. They are made up when somebody does, and listed nowhere. */
export function aliasesOf(name: string): readonly string[] {
  if (name.includes("/")) return [];
  const end = name.includes(":") ? name.indexOf(":") : name.length;
  return suffixes.map((suffix) => name.slice(0, end) + suffix + name.slice(end));
}

/** The name of which this is an alias, such as `checkout.shop:8080` of `checkout.shop.svc.cluster.local:8080`. Undefined if it is none. */
export function originalOf(name: string): string | undefined {
  const [, host, port = ""] = pattern.exec(name) ?? [];
  return host === undefined ? undefined : `${host}${port}`;
}
