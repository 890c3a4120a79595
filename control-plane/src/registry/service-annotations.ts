import { parse } from "yaml";
import { z } from "zod";
import type { ServiceSettings } from "../service.ts";
import { maxFallbacks, settingsFields } from "./service-schema.ts";

/** What the annotations of a Service say of how it is called. */
export interface AnnotatedSettings {
  readonly settings: ServiceSettings & {
    /** Services whose endpoints are called when its own can't take all, in order, as they are written. */
    readonly fallback?: readonly string[];
  };
  /** What is wrong, one sentence each. What was good before stays; else it is as if it were not said. */
  readonly problems: readonly string[];
}

export const nothingSaid: AnnotatedSettings = { settings: {}, problems: [] };

type Annotations = Readonly<Record<string, string>>;

const prefix = "meshless.dev/";

/** `checkout-eu.shop, checkout-us.shop:8080`: who has no port has that of the Service. */
const fallback = z
  .string("expected names of Services, such as checkout-eu.shop, with commas between them")
  .transform((text) => text.split(",").map((name) => name.trim()))
  .pipe(
    z
      .array(
        z
          .string()
          .regex(
            /^[a-z0-9-]+(\.[a-z0-9-]+)+(:[1-9]\d{0,4})?$/,
            "expected names of Services, such as checkout-eu.shop or checkout-eu.shop:8080",
          ),
      )
      .max(maxFallbacks),
  );

/** By the name of the annotation: each is written in YAML, as the field of that name in a file of services. */
const fields = {
  fallback: { key: "fallback", schema: fallback },
  clients: { key: "clients", schema: settingsFields.clients },
  "circuit-breaker": { key: "circuitBreaker", schema: settingsFields.circuitBreaker },
  retry: { key: "retry", schema: settingsFields.retry },
  policy: { key: "policy", schema: settingsFields.policy },
  ejection: { key: "ejection", schema: settingsFields.ejection },
  affinity: { key: "affinity", schema: settingsFields.affinity },
  "slow-start": { key: "slowStart", schema: settingsFields.slowStart },
} as const;

const known = new Set(Object.keys(fields).map((name) => `${prefix}${name}`));

/** @param before what they said the last time */
export function readServiceAnnotations(annotations: Annotations, before: AnnotatedSettings): AnnotatedSettings {
  const problems: string[] = [];
  const last: Readonly<Record<string, unknown>> = { ...before.settings };
  const read: Record<string, unknown> = {};
  for (const [name, { key, schema }] of Object.entries(fields)) {
    const text = annotations[`${prefix}${name}`];
    if (text === undefined) continue;
    const { success, data, error } = schema.safeParse(parsed(text));
    if (!success)
      problems.push(`${prefix}${name}: ${oneLine(error)}; ${last[key] === undefined ? "it is ignored" : "the last good one stays"}`);
    const value = success ? data : last[key];
    if (value !== undefined) read[key] = value;
  }
  const unknown = Object.keys(annotations).filter((key) => !known.has(key));
  return {
    settings: read,
    problems: [...problems, ...unknown.map((key) => `${key}: unknown; known are ${Object.keys(fields).join(", ")}`)],
  };
}

/** Half a text may be YAML as well, so that its errors are those of the schema. */
function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function oneLine({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [...path.map(String), message].join(": ")).join("; ");
}
