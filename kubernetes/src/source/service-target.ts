import { ConfigurationError } from "meshless/discovery";

/** Which port of which Service is meant. */
export interface ServiceTarget {
  readonly service: string;
  readonly namespace: string;
  /** A number or a name. Undefined where it is left to the Service. */
  readonly port: string | undefined;
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const pattern = new RegExp(`^(${label})\\.(${label})(?:\\.svc(?:\\.cluster\\.local)?)?(?::(${label}))?$`);

/**
 * Reads `checkout.shop:8080`, `checkout.shop.svc.cluster.local:grpc`, or the same after `kubernetes:///`.
 *
 * @throws ConfigurationError that shows the right form
 */
export function parseServiceTarget(text: string): ServiceTarget {
  const [, service, namespace, port] = pattern.exec(text.replace(/^kubernetes:(\/\/\/)?/, "")) ?? [];
  if (service !== undefined && namespace !== undefined) return { service, namespace, port };
  const hint = text === "" ? `; name it by the option target, or by the transport's option authority` : "";
  throw new ConfigurationError(`expected a Service such as "kubernetes:///checkout.shop:8080", got ${JSON.stringify(text)}${hint}`);
}
