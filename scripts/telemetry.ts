import { readFileSync, writeFileSync } from "node:fs";
import { labels, type Metric, metricCatalogue, optionalLabels } from "../src/observability/metric-catalogue.ts";
import { alertRules } from "./telemetry/alerts.ts";
import { dashboard } from "./telemetry/dashboard.ts";

const document = "docs/telemetry.md";

/** The files that are made from the catalogue of metrics, as they should be. */
function telemetryFiles(): ReadonlyMap<string, string> {
  const text = readFileSync(document, "utf8");
  return new Map([
    [document, withPart(withPart(text, "metrics", metricTable()), "labels", labelTable())],
    ["docs/telemetry/dashboard.json", dashboard()],
    ["docs/telemetry/alerts.yaml", alertRules()],
  ]);
}

function withPart(text: string, name: string, part: string): string {
  const [start, end] = [new RegExp(`<!-- ${name}: .*-->\n`), `<!-- /${name} -->`];
  const found = start.exec(text);
  const until = text.indexOf(end);
  if (found === null || until < 0) throw new Error(`${document} has no place for ${name}`);
  return `${text.slice(0, found.index + found[0].length)}${part}${text.slice(until)}`;
}

function metricTable(): string {
  const rows = Object.entries<Metric>(metricCatalogue).map(([name, { kind, unit, description, labels, optional = [] }]) => {
    const all = [...labels.map((label) => `\`${label}\``), ...optional.map((label) => `(\`${label}\`)`)];
    return `| \`${name}\` | ${kind}, ${unit} | ${description} | ${all.join(", ")} |`;
  });
  return ["| metric | kind, unit | | labels, (those to be asked for) |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function labelTable(): string {
  const onDemand: readonly string[] = optionalLabels;
  const rows = Object.entries(labels).map(
    ([label, text]) => `| \`${label}\` | ${text}${onDemand.includes(label) ? "; to be asked for" : ""} |`,
  );
  return ["| label | |", "|---|---|", ...rows, ""].join("\n");
}

if (import.meta.main) {
  const files = [...telemetryFiles()].filter(([path, text]) => readText(path) !== text);
  if (process.argv.includes("--write")) for (const [path, text] of files) writeFileSync(path, text);
  else if (files.length > 0) {
    console.error(
      `not as the catalogue of metrics has it: ${files.map(([path]) => path).join(", ")}; \`npm run telemetry -- --write\`, and commit`,
    );
    process.exitCode = 1;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
