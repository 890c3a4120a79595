import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Service } from "../service.ts";
import { serviceDefinitions, toService } from "./service-schema.ts";

const document = z.strictObject({ services: serviceDefinitions });
const maxTold = 5;

/**
 * Reads a document of services, in YAML or JSON.
 *
 * @param path of the file, for messages
 * @throws Error that says file, line and field of what is wrong, one a line
 */
export function readServices(path: string, source: string): ReadonlyMap<string, Service> {
  const lines = new LineCounter();
  const { yaml, content } = parsed(path, source, lines);
  const { success, data, error } = document.safeParse(content);
  if (!success) throw new Error(told(path, yaml, lines, error.issues).join("\n"), { cause: error });
  return new Map(Object.entries(data.services).map(([name, definition]) => [name, toService(name, definition)]));
}

function parsed(path: string, source: string, lineCounter: LineCounter): { readonly yaml: Document; readonly content: unknown } {
  const yaml = orFail(path, () => parseDocument(source, { lineCounter, prettyErrors: false, logLevel: "error" }));
  const [broken] = yaml.errors;
  if (broken !== undefined) throw new Error(`${path}:${lineCounter.linePos(broken.pos[0]).line}: ${broken.message}`, { cause: broken });
  return { yaml, content: orFail(path, () => yaml.toJS()) };
}

/** Nested too deeply, or aliases of nothing or of too much: no line is told of these. */
function orFail<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

function told(path: string, yaml: Document, lines: LineCounter, issues: readonly z.core.$ZodIssue[]): readonly string[] {
  const messages = issues.slice(0, maxTold).map((issue) => {
    // Of a key that is wrong or not known, zod names the map in which it stands.
    const key = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const steps = key === undefined ? issue.path : [...issue.path, key];
    const reason = issue.code === "invalid_key" ? issue.issues[0]?.message : issue.message;
    return `${path}:${lines.linePos(offsetOf(yaml, steps)).line}: ${fieldOf(steps)}${reason}`;
  });
  const more = issues.length - messages.length;
  return more > 0 ? [...messages, `${path}: and ${more} more`] : messages;
}

/** Where a field begins; where the nearest thing around it does, if it is not there. */
function offsetOf(yaml: Document, steps: readonly PropertyKey[]): number {
  for (let length = steps.length; length > 0; length--) {
    const node = yaml.getIn(steps.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Such as `services["checkout.shop:8080"].endpoints[1].port: `. */
function fieldOf(steps: readonly PropertyKey[]): string {
  const parts = steps.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^\w+$/.test(String(step)) ? `.${String(step)}` : `[${JSON.stringify(step)}]`;
  });
  return parts.length === 0 ? "" : `${parts.join("").replace(/^\./, "")}: `;
}
