import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";

const require = createRequire(import.meta.url);
const xds = dirname(require.resolve("@grpc/grpc-js-xds/package.json"));
const grpc = dirname(require.resolve("@grpc/grpc-js/package.json"));
const health = dirname(require.resolve("grpc-health-check/package.json"));

/** Folders of .proto files that published packages bring along. */
const folders = [
  ...["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => join(xds, "deps", name)),
  join(grpc, "proto", "xds"),
  dirname(require.resolve("protobufjs/package.json")),
];

/** The one file that its package keeps in another place than in its namespace. */
const moved = new Map([["grpc/health/v1/health.proto", join(health, "proto/health/v1/health.proto")]]);

/**
 * Reads files as upstream publishes them, and what they import.
 *
 * @param paths as an import in a .proto file has them
 * @throws Error for a file that no package has
 */
export function readUpstream(paths: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, path) => find(path) ?? path;
  for (const path of paths) {
    if (find(path) === undefined) throw new Error(`${path}: in no package`);
    root.loadSync(path, { keepCase: true });
  }
  root.resolveAll();
  return root;
}

function find(path: string): string | undefined {
  return moved.get(path) ?? folders.map((folder) => join(folder, path)).find(existsSync);
}
