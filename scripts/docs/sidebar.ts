import { readFileSync } from "node:fs";
import type { DefaultTheme } from "vitepress";
import { fileNameOf } from "../entry-points.ts";
import { pageOf } from "./routes.ts";

/** What a reader finds at the left of each page: all of `docs`, and what else there is to read. */
const groups: Readonly<Record<string, readonly string[]>> = {
  Start: ["README.md", "docs/migration.md", "docs/testing.md"],
  Calls: ["docs/balancing.md", "docs/policies.md", "docs/ejection.md", "docs/resilience.md", "docs/tls.md"],
  Servers: ["docs/servers.md", "docs/draining.md", "docs/load-reports.md", "docs/pushback.md", "docs/security.md"],
  Discovery: [
    "docs/control-plane.md",
    "docs/kubernetes.md",
    "docs/kubernetes-access.md",
    "docs/xds.md",
    "docs/scale.md",
    "control-plane/README.md",
    "kubernetes/README.md",
  ],
  "Looking in": ["docs/observing.md", "docs/debug-page.md", "docs/cli.md", "docs/telemetry.md"],
  Figures: ["simulator/README.md", "simulator/RESULTS.md", "bench/fleet/README.md", "faults/README.md"],
  "How it is made": ["docs/architecture.md", "docs/glossary.md", "docs/decisions/README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
};

/**
 * @param entryPoints such as `meshless/balancer`
 * @param docs the files of `docs`: each has to have its place
 */
export function sidebar(entryPoints: readonly string[], docs: readonly string[]): DefaultTheme.SidebarItem[] {
  const listed = Object.values(groups).flat();
  const forgotten = docs.filter((file) => !listed.includes(file));
  if (forgotten.length > 0) throw new Error(`scripts/docs/sidebar.ts has no place for ${forgotten.join(", ")}`);
  const written = Object.entries(groups).map(([text, files]) => ({ text, items: files.map(itemOf) }));
  const reference = entryPoints.map((name) => ({ text: name, link: `/api/${fileNameOf(name)}.html` }));
  return [...written.slice(0, -1), { text: "Reference", items: reference }, ...written.slice(-1)];
}

function itemOf(file: string): DefaultTheme.SidebarItem {
  return {
    text: titleOf(file),
    link: `/${pageOf(file)
      .replace(/index\.md$/, "")
      .replace(/\.md$/, ".html")}`,
  };
}

function titleOf(file: string): string {
  if (file === "README.md") return "Guide";
  return /^# (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? file;
}
