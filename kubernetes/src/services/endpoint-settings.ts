import { meshlessTexts, prefix, type Texts } from "./meshless-texts.ts";

/** What a person sets for endpoints, by labels or annotations of a slice, or of their pods. Kubernetes copies the labels of a Service to its slices. */
export interface EndpointSettings {
  readonly shard: string | undefined;
  readonly weight: number | undefined;
  /** What is wrong, one sentence each, and has been ignored. */
  readonly problems: readonly string[];
}

/** Far below what a uint32 holds, so that thousands of endpoints add up within one. */
const maxWeight = 1_000_000;

interface Setting<T> {
  readonly expected: string;
  /** Undefined for what can't be used. */
  readonly read: (text: string) => T | undefined;
}

const shard: Setting<string> = {
  expected: "1 to 256 characters, none of them control characters",
  read: (text) => (/^\P{Cc}{1,256}$/u.test(text) ? text : undefined),
};
const weight: Setting<number> = {
  expected: `a whole number from 1 to ${maxWeight}`,
  read: (text) => (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= maxWeight ? Number(text) : undefined),
};
const known = new Set([`${prefix}shard`, `${prefix}weight`]);

/** Annotations go before labels. */
export function readSettings(labels: Texts, annotations: Texts): EndpointSettings {
  const texts = { ...meshlessTexts(labels), ...meshlessTexts(annotations) };
  const problems: string[] = [];
  const read = <T>(key: string, { expected, read }: Setting<T>): T | undefined => {
    const text = texts[`${prefix}${key}`];
    if (text === undefined) return undefined;
    const value = read(text);
    if (value === undefined) problems.push(`${prefix}${key}: expected ${expected}, got ${JSON.stringify(text)}`);
    return value;
  };
  const settings = { shard: read("shard", shard), weight: read("weight", weight) };
  for (const key of Object.keys(texts)) if (!known.has(key)) problems.push(`${key}: unknown; known are shard and weight`);
  return { ...settings, problems };
}
