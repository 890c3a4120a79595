import { globSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vitepress";
import { headingId } from "../../scripts/check-links.ts";
import { followLinks } from "../../scripts/docs/follow-links.ts";
import { pageOf } from "../../scripts/docs/routes.ts";
import { sidebar } from "../../scripts/docs/sidebar.ts";
import { entryPointsOf, libraries } from "../../scripts/entry-points.ts";

const root = resolve(import.meta.dirname, "../..");
const entryPoints = libraries.flatMap(entryPointsOf).map(({ name }) => name);

/** The Markdown of the project as it stands: nothing is copied to be shown. */
export default defineConfig({
  title: "meshless",
  description: "Client-side, per-request load balancing for Connect and gRPC services in TypeScript",
  srcDir: root,
  rewrites: pageOf,
  outDir: resolve(root, "site/dist"),
  cacheDir: resolve(root, ".cache/vitepress"),
  head: [
    [
      "link",
      {
        rel: "icon",
        href: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='3' fill='royalblue'/></svg>",
      },
    ],
  ],
  markdown: {
    anchor: { slugify: headingId },
    config: (markdown) => followLinks(markdown, root),
  },
  themeConfig: {
    nav: [
      { text: "Guide", link: "/guide.html" },
      { text: "Balancing", link: "/balancing.html" },
      { text: "Kubernetes", link: "/kubernetes.html" },
      { text: "Reference", link: "/api/meshless.html" },
    ],
    sidebar: sidebar(entryPoints, globSync("docs/*.md")),
    outline: [2, 3],
    search: {
      provider: "local",
      options: {
        miniSearch: { searchOptions: { combineWith: "AND" } },
        // Figures and code are not what anybody looks for by a word.
        _render: (text, env, markdown) => (/^(source|simulator\/RESULTS)/.test(env.relativePath) ? "" : markdown.render(text, env)),
      },
    },
  },
});
