import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildImage } from "./dockerfile.ts";

// The image of the control plane, built and run without a container engine; where it runs, it may read files and not write any.
const folder = mkdtempSync(join(tmpdir(), "image-"));
try {
  const { folder: root, entryPoint, user } = buildImage(readFileSync("Dockerfile", "utf8"), folder);
  if (!/^[1-9]\d*(:|$)/.test(user)) throw new Error(`USER ${user}: expected a number above 0, which kubelet can tell from root`);
  const [node, program = ""] = entryPoint;
  if (node !== "/nodejs/bin/node") throw new Error(`ENTRYPOINT ${node}: expected the Node.js of the base image`);
  const args = ["--permission", "--allow-fs-read=*", join(root, program)];
  await serves(args);
  mustSay(args, ["--registry", "kubernetes"], /there is no kubeconfig, and this is no pod/);
  console.log("image: built, and it serves");
} finally {
  rmSync(folder, { recursive: true });
}

/** It is ready, and ends when it is told to. */
async function serves(args: readonly string[]): Promise<void> {
  const services = join(folder, "services.yaml");
  writeFileSync(services, "services:\n  a.b:80:\n    endpoints: [10.0.0.1:80]\n");
  const options = ["--registry", `file:${services}`, "--listen", "127.0.0.1:0", "--probes", "127.0.0.1:0"];
  const child = spawn(process.execPath, [...args, ...options], { stdio: ["ignore", "pipe", "inherit"], env: {} });
  const ended = once(child, "exit");
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the control plane ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { msg, port } = JSON.parse(line) as { readonly msg: string; readonly port: number };
      if (msg === "serving probes") resolve(port);
    });
  });
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
  if (status !== 200) throw new Error(`/readyz: ${status}`);
  child.kill("SIGTERM");
  const [code] = await ended;
  if (code !== 0) throw new Error(`it ended with ${code}`);
}

function mustSay(args: readonly string[], options: readonly string[], what: RegExp): void {
  const { stderr } = spawnSync(process.execPath, [...args, ...options], { encoding: "utf8", env: {} });
  if (!what.test(stderr)) throw new Error(`${options.join(" ")}: expected ${what}, got ${stderr}`);
}
