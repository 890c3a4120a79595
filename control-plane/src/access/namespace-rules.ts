import type { Service } from "../service.ts";
import type { Permits } from "./allow-list.ts";
import { type ServiceAccount, serviceAccountOf, spiffeAccountOf } from "./service-account.ts";

export interface NamespaceRulesOptions {
  /** Who besides its own namespace may have a service, as `Service.clients` has it. */
  readonly clientsOf: (service: string) => readonly string[];
  /** Whose SPIFFE IDs name ServiceAccounts of this cluster. Default: nobody's, so that certificates have nothing by these rules. */
  readonly trustDomain?: string | undefined;
}

/** Who may have what in a cluster that is closed: a client what is in its own namespace, and what names it. */
export function namespaceRules({ clientsOf, trustDomain }: NamespaceRulesOptions): (names: readonly string[]) => Permits {
  const accountOf = (name: string) =>
    serviceAccountOf(name) ?? (trustDomain === undefined ? undefined : spiffeAccountOf(name, trustDomain));
  return (names) => {
    const accounts = names.flatMap((name) => accountOf(name) ?? []);
    return (service) => accounts.some((account) => account.namespace === namespaceOf(service) || isNamed(account, clientsOf(service)));
  };
}

/**
 * Whether the clients of a service may be led to another one: whoever writes a service would otherwise have all others by falling back on them.
 */
export function mayFallBack({ name }: Service, { name: other, clients = [] }: Service): boolean {
  const namespace = namespaceOf(name.text);
  return namespace === namespaceOf(other.text) || clients.some((client) => client === "*" || client === namespace);
}

function isNamed({ namespace, name }: ServiceAccount, clients: readonly string[]): boolean {
  return clients.some((client) => client === "*" || client === namespace || client === `${namespace}/${name}`);
}

/** Of `service.namespace:port`. */
function namespaceOf(service: string): string | undefined {
  return /^[^.]+\.([^:]+):/.exec(service)?.[1];
}
