import { defineConfig, type Plugin } from "vite";

/** Puts script and style into the page, so that it is one file. */
function inlined(): Plugin {
  return {
    name: "inlined",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle["page.html"];
      if (page?.type !== "asset") throw new Error("there is no page.html in the bundle");
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
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [inlined()],
  build: {
    outDir: "../dist/debug",
    // The rest of it comes from the compiler.
    emptyOutDir: false,
    modulePreload: false,
    rolldownOptions: {
      input: { page: `${import.meta.dirname}/page.html` },
      output: { entryFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
