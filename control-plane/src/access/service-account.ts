/** Who a workload of Kubernetes is. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

const ofToken = /^system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)$/;
const ofSpiffe = /^spiffe:\/\/([^/]+)\/ns\/([a-z0-9-]+)\/sa\/([a-z0-9.-]+)$/;

/** Of a user's name as Kubernetes writes it, such as `system:serviceaccount:shop:cart`. Undefined for other users. */
export function serviceAccountOf(username: string): ServiceAccount | undefined {
  const [, namespace, name] = ofToken.exec(username) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** Of a SPIFFE ID of this trust domain, such as `spiffe://cluster.local/ns/shop/sa/cart`: only there it is certain that its namespaces are those of services. */
export function spiffeAccountOf(id: string, trustDomain: string): ServiceAccount | undefined {
  const [, domain, namespace, name] = ofSpiffe.exec(id) ?? [];
  return domain !== trustDomain || namespace === undefined || name === undefined ? undefined : { namespace, name };
}
