import { type Document, isNode, LineCounter, parseDocument } from "yaml";

/**
 * Parses and checks YAML.
 *
 * @param path of the file, for messages
 * @param validate throws an Error whose message begins with the field that is wrong, such as `servers[0].cores`
 * @throws Error that begins with file and line
 */
export function readYaml<T>(path: string, source: string, validate: (value: unknown) => T): T {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [wrong] = document.errors;
  if (wrong !== undefined) throw new Error(`${path}:${lines.linePos(wrong.pos[0]).line}: ${wrong.message}`, { cause: wrong });
  try {
    return validate(document.toJS());
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${path}:${lines.linePos(offsetOf(document, stepsOf(message))).line}: ${message}`, { cause: error });
  }
}

/** The field that a message begins with, as steps from the root: `servers[0].cores` is servers, 0, cores. */
function stepsOf(message: string): readonly string[] {
  const [field = ""] = message.split(" ", 1);
  return field.split(/[.[\]]+/).filter((step) => step !== "");
}

/** Where a field stands; of one that is missing, where what should have it stands. */
function offsetOf(document: Document.Parsed, steps: readonly string[]): number {
  const node = document.getIn(steps, true);
  if (isNode(node) && node.range) return node.range[0];
  return steps.length === 0 ? 0 : offsetOf(document, steps.slice(0, -1));
}
