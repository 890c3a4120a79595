import { z } from "zod";
import { name as labelText, maxWeight } from "../service-schema.ts";

/** What a person sets for endpoints, by labels or annotations of a slice, or of their pods. Kubernetes copies the labels of a Service to its slices. */
export interface EndpointSettings {
  readonly shard: string | undefined;
  readonly weight: number | undefined;
  /** What is wrong, one sentence each, and has been ignored. */
  readonly problems: readonly string[];
}

type Texts = Readonly<Record<string, string>>;

const prefix = "meshless.dev/";
const weight = z
  .string()
  .refine((text) => /^[1-9]\d{0,6}$/.test(text) && Number(text) <= maxWeight, `expected a whole number from 1 to ${maxWeight}`)
  .transform(Number);
const known = new Set([`${prefix}shard`, `${prefix}weight`]);

/** Annotations go before labels. */
export function readSettings(labels: Texts, annotations: Texts): EndpointSettings {
  const texts = new Map([...Object.entries(labels), ...Object.entries(annotations)].filter(([key]) => key.startsWith(prefix)));
  const problems: string[] = [];
  const read = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
    const text = texts.get(`${prefix}${name}`);
    if (text === undefined) return undefined;
    const { data, error } = schema.safeParse(text);
    if (error !== undefined) problems.push(`${prefix}${name}: ${error.issues[0]?.message}, got ${JSON.stringify(text)}`);
    return data;
  };
  const settings = { shard: read("shard", labelText), weight: read("weight", weight) };
  for (const key of texts.keys()) if (!known.has(key)) problems.push(`${key}: unknown; known are shard and weight`);
  return { ...settings, problems };
}
