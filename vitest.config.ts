import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { summaryReporter } from "./test/support/summary-reporter.ts";

export default defineConfig({
  resolve: {
    alias: [
      { find: /^meshless$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
      { find: /^meshless-kubernetes$/, replacement: fileURLToPath(new URL("kubernetes/src/index.ts", import.meta.url)) },
      {
        find: /^meshless-kubernetes\/reflector$/,
        replacement: fileURLToPath(new URL("kubernetes/src/reflector/index.ts", import.meta.url)),
      },
      { find: /^meshless\/([a-z-]+)$/, replacement: fileURLToPath(new URL("src/$1/index.ts", import.meta.url)) },
    ],
  },
  test: {
    environment: "node",
    include: ["{src,test,scripts,demo,bench,faults,{cli,control-plane,kubernetes,simulator}/src}/**/*.test.ts"],
    setupFiles: ["test/support/property-seed.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    reporters: ["default", summaryReporter(process.stdout, Boolean(process.env.CI))],
  },
});
