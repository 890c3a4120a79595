import { isIP, SocketAddress } from "node:net";
import { z } from "zod";
import { addressText, type RetryRules, type Service, type ServiceEndpoint } from "../service.ts";
import { parseServiceName } from "./parse-service-name.ts";
import type { EndpointDefinition, ServiceDefinition } from "./service-definition.ts";

const maxLabels = 64;
/** Far below what a uint32 holds, so that thousands of endpoints add up within one. */
const maxWeight = 1_000_000;
/** The bound of xDS. */
const maxPriority = 127;
const maxUint32 = 2 ** 32 - 1;
/** Status codes, which gRPC's clients know as well, and what Envoy alone knows. */
const retryConditions = [
  "cancelled",
  "deadline-exceeded",
  "internal",
  "resource-exhausted",
  "unavailable",
  "connect-failure",
  "refused-stream",
  "reset",
  "reset-before-request",
  "gateway-error",
  "5xx",
] as const;

// Names end up in logs and metrics: control characters have no business there.
const name = z.string().regex(/^\P{Cc}{1,256}$/u, "expected 1 to 256 characters, none of them control characters");
const serviceName = z
  .string()
  .refine((text) => parseServiceName(text) !== undefined, "expected service.namespace:port, in lower case, with the port's number");

const endpointFields = z.strictObject(
  {
    address: z
      .string()
      .refine((text) => isIP(text) !== 0 && !text.includes("%"), "expected an IP address: xDS has no names here")
      .transform(inOneSpelling),
    port: z.int().min(1).max(65_535),
    id: name.optional(),
    region: name.optional(),
    zone: name.optional(),
    weight: z.int().min(1).max(maxWeight).default(1),
    priority: z.int().min(0).max(maxPriority).default(0),
    health: z.enum(["healthy", "unhealthy", "draining"]).default("healthy"),
    labels: z
      .record(name, name)
      .refine((labels) => Object.keys(labels).length <= maxLabels, `expected at most ${maxLabels} labels`)
      .default({}),
  } satisfies Record<keyof EndpointDefinition, z.ZodType>,
  { error: (issue) => (issue.code === "invalid_type" ? `expected "IP:port", IPv6 in brackets, or an object` : undefined) },
);

const endpoint = z.preprocess(
  (value) => (typeof value === "string" ? (splitAddress(value) ?? value) : value),
  endpointFields.transform(({ id, region = "", zone = "", ...rest }): ServiceEndpoint => {
    return { ...rest, id: id ?? addressText(rest), region, zone };
  }),
);

const circuitBreaker = z.strictObject({
  maxRequests: z.int().min(1).max(maxUint32).optional(),
  retryBudgetPercent: z.number().min(0).max(100).optional(),
  minRetries: z.int().min(0).max(maxUint32).optional(),
});

const ms = z.int().min(1).max(3_600_000);
const retry = z
  .strictObject({
    on: z.array(z.enum(retryConditions)).min(1),
    maxRetries: z.int().min(1).max(10).default(1),
    perTryTimeoutMs: ms.optional(),
    backoffMs: ms.default(25),
    maxBackoffMs: ms.optional(),
  })
  .refine(({ backoffMs, maxBackoffMs = backoffMs }) => maxBackoffMs >= backoffMs, {
    path: ["maxBackoffMs"],
    message: "expected no less than backoffMs",
  })
  .transform(({ maxBackoffMs, ...rest }): RetryRules => ({ ...rest, maxBackoffMs: maxBackoffMs ?? 10 * rest.backoffMs }));

const percent = z.int().min(0).max(100);
const count = z.int().min(0).max(maxUint32);
const enforcement = { enforcementPercentage: percent.optional(), minimumHosts: count.optional(), requestVolume: count.optional() };

const ejection = z
  .strictObject({
    intervalMs: ms.optional(),
    baseEjectionMs: ms.optional(),
    maxEjectionMs: ms.optional(),
    maxEjectionPercent: percent.optional(),
    consecutiveFailures: z.int().min(1).max(maxUint32).optional(),
    successRateEjection: z.strictObject({ ...enforcement, stdevFactor: count.optional() }).optional(),
    failurePercentageEjection: z.strictObject({ ...enforcement, threshold: percent.optional() }).optional(),
  })
  .refine(
    ({ consecutiveFailures, successRateEjection, failurePercentageEjection }) =>
      (consecutiveFailures ?? successRateEjection ?? failurePercentageEjection) !== undefined,
    "expected at least one of consecutiveFailures, successRateEjection and failurePercentageEjection",
  );

const policy = z.preprocess(
  (value) => (typeof value === "string" ? { name: value } : value),
  z.discriminatedUnion(
    "name",
    [
      z.strictObject({ name: z.literal("powerOfTwo"), choices: z.int().min(2).max(100).optional() }),
      z.strictObject({ name: z.literal("roundRobin") }),
      z.strictObject({ name: z.literal("weightedRoundRobin") }),
    ],
    "expected powerOfTwo, roundRobin or weightedRoundRobin, or an object with such a name",
  ),
);

const slowStart = z.strictObject({ windowMs: ms, minShare: z.number().min(0.01).max(1).optional() });

/** Lengths and characters as Kubernetes has them. */
const client = z
  .string()
  .regex(
    /^(\*|[a-z0-9-]{1,63}(\/[a-z0-9.-]{1,253})?)$/,
    'expected a namespace such as "shop", a ServiceAccount such as "shop/cart", or "*"',
  );

/** A list, or a text with commas. */
const clients = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",").map((each) => each.trim()) : value),
  z.array(client).max(256),
);

/** How a service is called, and by whom, as a person writes it. */
export const settingsFields = {
  clients: clients.optional(),
  circuitBreaker: circuitBreaker.optional(),
  retry: retry.optional(),
  policy: policy.optional(),
  ejection: ejection.optional(),
  slowStart: slowStart.optional(),
  affinity: z.enum(["zone", "node", "nodeOnly"]).optional(),
};

export const maxFallbacks = 16;

/** A service without its name, as a person writes it. */
export const serviceDefinition = z.strictObject({
  portName: z
    .string()
    .regex(/^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/, "expected 1 to 15 characters of a-z, 0-9 and -, as for ports of Kubernetes")
    .optional(),
  fallback: z.array(serviceName).max(maxFallbacks).default([]),
  ...settingsFields,
  endpoints: z.array(endpoint).superRefine(refuseDoubles).default([]),
} satisfies Record<keyof ServiceDefinition, z.ZodType>);

/** Services by name. */
export const serviceDefinitions = z.record(serviceName, serviceDefinition).superRefine((services, context) => {
  for (const [service, { fallback }] of Object.entries(services)) {
    for (const [index, other] of fallback.entries()) {
      const path = [service, "fallback", index];
      if (other === service) context.addIssue({ code: "custom", path, message: "a service can't be its own fallback" });
      else if (!Object.hasOwn(services, other)) context.addIssue({ code: "custom", path, message: `there is no service ${other}` });
      else if (fallback.indexOf(other) < index) context.addIssue({ code: "custom", path, message: `${other} is named twice` });
    }
  }
  refuseDoublePortNames(services, context);
});

export function toService(text: string, definition: z.output<typeof serviceDefinition>): Service {
  const name = parseServiceName(text);
  if (name === undefined) throw new TypeError(`${JSON.stringify(text)}: expected service.namespace:port`);
  const { portName, fallback, endpoints, ...settings } = definition;
  return { name, portName, fallback, endpoints, ...settings };
}

/** Who asks for `checkout.shop:grpc` means one port. */
function refuseDoublePortNames(
  services: Readonly<Record<string, { readonly portName?: string | undefined }>>,
  context: z.core.$RefinementCtx,
): void {
  const firstServices = new Map<string, string>();
  for (const [service, { portName }] of Object.entries(services)) {
    if (portName === undefined) continue;
    const name = `${parseServiceName(service)?.host}:${portName}`;
    const first = firstServices.get(name);
    if (first !== undefined) context.addIssue({ code: "custom", path: [service, "portName"], message: `${name} is ${first}` });
    else firstServices.set(name, service);
  }
}

function refuseDoubles(endpoints: readonly ServiceEndpoint[], context: z.core.$RefinementCtx): void {
  const firstIndexes = new Map<string, number>();
  for (const [index, item] of endpoints.entries()) {
    const address = addressText(item);
    for (const key of new Set([`address ${address}`, `id ${item.id}`])) {
      const first = firstIndexes.get(key);
      if (first !== undefined) context.addIssue({ code: "custom", path: [index], message: `has the ${key} of endpoints[${first}]` });
      else firstIndexes.set(key, index);
    }
  }
}

/** Clients compare addresses, and refuse a service that has one twice. */
function inOneSpelling(address: string): string {
  return isIP(address) === 6 ? new SocketAddress({ address, family: "ipv6" }).address : address;
}

function splitAddress(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const address = v6 ?? v4;
  if (address === undefined || isIP(address) !== (v6 === undefined ? 4 : 6)) return undefined;
  return { address, port: Number(port) };
}
