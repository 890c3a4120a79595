import { defineConfig, type Plugin } from "vite";

/** Puts script and style into the page, so that it is one file. */
function inlined(): Plugin {
  return {
    name: "inlined",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = Object.values(bundle).find(({ fileName }) => fileName.endsWith(".html"));
      if (page?.type !== "asset") throw new Error("there is no page in the bundle");
      let html = String(page.source);
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        const text = part.type === "chunk" ? part.code.replaceAll("</script", "<\\/script") : String(part.source);
        const tag = new RegExp(`<(script|link)[^>]*${name.replaceAll(".", "\\.")}"[^>]*>(</script>)?`);
        if (!tag.test(html)) throw new Error(`the page does not ask for ${name}`);
        html = html.replace(tag, () => (part.type === "chunk" ? `<script type="module">${text}</script>` : `<style>${text}</style>`));
        delete bundle[name];
      }
      page.source = html;
      page.fileName = "page.html";
    },
  };
}

/** By mode: the page of a client, or of a control plane. */
const pages: Readonly<Record<string, { readonly input: string; readonly outDir: string }>> = {
  client: { input: "page.html", outDir: "../dist/debug" },
  "control-plane": { input: "control-plane.html", outDir: "../control-plane/dist/admin" },
};

export default defineConfig(({ mode }) => {
  const { input, outDir } = pages[mode] ?? fail(`--mode: expected ${Object.keys(pages).join(" or ")}, got ${mode}`);
  return {
    root: import.meta.dirname,
    base: "./",
    plugins: [inlined()],
    build: {
      outDir,
      // The rest of it comes from the compiler.
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: {
        input: { page: `${import.meta.dirname}/${input}` },
        output: { entryFileNames: "[name].js", assetFileNames: "[name][extname]" },
      },
    },
  };
});

function fail(problem: string): never {
  throw new Error(problem);
}
