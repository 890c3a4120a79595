import type { Node } from "typescript/unstable/ast";
import { isClassDeclaration, isFunctionDeclaration, isIdentifier, isVariableDeclaration } from "typescript/unstable/ast/is";
import type { Symbol as Named, Project } from "typescript/unstable/sync";
import { declarationsOf, withDeclarations } from "../declarations.ts";
import { fileNameOf } from "../entry-points.ts";
import { type EntryPoint, originOf } from "../public-api.ts";
import { commentOf, statementOf } from "./doc-comment.ts";

/** Where a type is written about, by the id of its symbol. */
type Anchors = ReadonlyMap<number, string>;

/** A page of Markdown for each entry point, by its name: what it exports, with its comments. */
export function apiPages(): ReadonlyMap<string, string> {
  return withDeclarations(({ entryPoints, project }) => {
    // What several entry points export is written about on the page of each, and others link to the first.
    const anchors = new Map(entryPoints.toReversed().flatMap((entry) => anchorsOf(entry)));
    return new Map(entryPoints.map((entry) => [entry.name, pageOf(entry, project, new Map([...anchors, ...anchorsOf(entry)]))]));
  });
}

function anchorsOf({ name, exports }: EntryPoint): readonly (readonly [number, string])[] {
  return [...exports].map(([exported, { id }]) => [id, `/api/${fileNameOf(name)}.html#${exported.toLowerCase()}`]);
}

function pageOf({ name, exports }: EntryPoint, project: Project, anchors: Anchors): string {
  const sections: Record<string, string[]> = { Functions: [], "Classes and values": [], Types: [] };
  for (const [exported, symbol] of exports) {
    const [first, ...overloads] = declarationsOf(symbol, project);
    if (first !== undefined) sections[sectionOf(first)]?.push(entryOf(exported, [first, ...overloads], project, anchors));
  }
  const text = Object.entries(sections).flatMap(([title, entries]) => (entries.length === 0 ? [] : [`## ${title}`, ...entries]));
  return [`# ${name}`, `What \`import { ... } from "${name}"\` offers.`, ...text].join("\n\n");
}

function sectionOf(node: Node): string {
  if (isFunctionDeclaration(node)) return "Functions";
  return isClassDeclaration(node) || isVariableDeclaration(node) ? "Classes and values" : "Types";
}

function entryOf(name: string, nodes: readonly Node[], project: Project, anchors: Anchors): string {
  const statements = nodes.map(statementOf);
  const prose = commentOf(nodes);
  const code = statements
    .map((node) =>
      node
        .getText()
        .replace(/^export (declare )?/, "")
        .replaceAll("    ", "  "),
    )
    .join("\n");
  const links = [...typesIn(nodes, project, anchors)].filter(([type]) => type !== name).map(([type, anchor]) => `[\`${type}\`](${anchor})`);
  return [`### ${name}`, prose, `\`\`\`ts\n${code}\n\`\`\``, links.length === 0 ? "" : `Types: ${links.join(", ")}`].join("\n\n");
}

/** The exported types that the nodes name, each with where it is written about. */
function typesIn(nodes: readonly Node[], { checker }: Project, anchors: Anchors): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const look = (node: Node): void => {
    const symbol: Named | undefined = isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const type = symbol && originOf(symbol, checker);
    const anchor = type && anchors.get(type.id);
    if (type !== undefined && anchor !== undefined) found.set(type.name, anchor);
    node.forEachChild(look);
  };
  nodes.forEach(look);
  return found;
}
