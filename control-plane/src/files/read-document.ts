import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

const maxTold = 5;

/**
 * Reads a document in YAML or JSON.
 *
 * @param path of the file, for messages
 * @throws Error that says file, line and field of what is wrong, one a line
 */
export function readDocument<Schema extends z.ZodType>(path: string, source: string, schema: Schema): z.output<Schema> {
  const lines = new LineCounter();
  const yaml = orFail(path, () => parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: "error" }));
  const [broken] = yaml.errors;
  if (broken !== undefined) throw new Error(`${path}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`, { cause: broken });
  const { success, data, error } = schema.safeParse(orFail(path, () => yaml.toJS()));
  if (!success) throw new Error(told(path, yaml, lines, error.issues).join("\n"), { cause: error });
  return data;
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
    return `${path}:${lines.linePos(offsetOf(yaml, stepsOf(issue))).line}: ${issueText(issue)}`;
  });
  const more = issues.length - messages.length;
  return more > 0 ? [...messages, `${path}: and ${more} more`] : messages;
}

/** Field and reason, such as `services["checkout.shop:8080"].endpoints[1].port: expected ...`. */
export function issueText(issue: z.core.$ZodIssue): string {
  return `${fieldOf(stepsOf(issue))}${issue.code === "invalid_key" ? issue.issues[0]?.message : issue.message}`;
}

/** Of a key that is wrong or not known, zod names the map in which it stands. */
function stepsOf(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  const key = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  return key === undefined ? issue.path : [...issue.path, key];
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
