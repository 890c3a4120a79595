import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findPeer } from "../../scripts/peers.ts";
import { closeServer, listenOnLoopback } from "../support/listen.ts";

/** Whether etcd and the apiserver are installed: `npm run peers -- kubernetes` does that. */
export const hasKubernetes: boolean = findPeer("kubernetes") !== undefined;

if (!hasKubernetes)
  console.error("\nMISSING Kubernetes: the registry is not tested against it; `npm run peers -- kubernetes` installs it\n");

type Program = "etcd" | "kube-apiserver" | "kube-controller-manager";

/** Who may list and watch Services and EndpointSlices, and nothing else. */
export const reader = "reader";

const readyWithinMs = 60_000;

/** For tests: an apiserver of Kubernetes with its etcd and the controllers that write EndpointSlices, on loopback. There are no kubelets: pods do as they are told. */
export class Cluster implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "kubernetes-"));
  readonly #agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
  readonly #tokens: ReadonlyMap<string, string>;
  readonly #apiserverFlags: readonly string[];
  readonly #programs = new Map<Program, ChildProcess>();
  #etcdPort = 0;
  port = 0;

  private constructor(apiserverFlags: readonly string[]) {
    this.#apiserverFlags = apiserverFlags;
    this.#tokens = new Map(["admin", reader, "nobody"].map((name) => [name, randomBytes(16).toString("hex")]));
    const { privateKey, publicKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    this.#write("sa.key", privateKey);
    this.#write("sa.pub", publicKey);
    this.#write(
      "tokens.csv",
      [...this.#tokens].map(([name, token]) => `${token},${name},${name}${name === "admin" ? ",system:masters" : ""}\n`).join(""),
    );
  }

  /** @param apiserverFlags such as `--emulated-version=kube=1.33` */
  static async start(apiserverFlags: readonly string[] = []): Promise<Cluster> {
    const cluster = new Cluster(apiserverFlags);
    await cluster.#startEtcd();
    cluster.port = await freePort();
    await cluster.startApiserver();
    cluster.#startControllers();
    await cluster.#allowReader();
    return cluster;
  }

  /** As a pod has it: where the apiserver is, its authority in a file, and a token. */
  access(user: string): { readonly server: string; readonly ca: string; readonly token: string } {
    return { server: `https://127.0.0.1:${this.port}`, ca: this.#ca, token: this.#tokens.get(user) ?? "" };
  }

  /** Of a user, for the apiserver or for what forwards to it. */
  kubeconfig(user: string, port: number = this.port): string {
    return this.kubeconfigOf(user, this.#tokens.get(user) ?? "", port);
  }

  get #ca(): string {
    return join(this.folder, "certs/apiserver.crt");
  }

  /** Of whom a token names. */
  kubeconfigOf(user: string, token: string, port: number = this.port): string {
    const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": this.#ca };
    const config = {
      clusters: [{ name: "test", cluster }],
      users: [{ name: user, user: { token } }],
      contexts: [{ name: "test", context: { cluster: "test", user } }],
      "current-context": "test",
    };
    return this.#write(`kubeconfig-${user}-${port}`, JSON.stringify(config));
  }

  async startApiserver(): Promise<void> {
    const file = (name: string) => join(this.folder, name);
    this.#start("kube-apiserver", [
      `--etcd-servers=http://127.0.0.1:${this.#etcdPort}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${this.port}`,
      `--cert-dir=${file("certs")}`,
      "--service-cluster-ip-range=10.0.0.0/16",
      "--endpoint-reconciler-type=none",
      "--profiling=false",
      `--service-account-issuer=https://127.0.0.1:${this.port}/`,
      `--service-account-key-file=${file("sa.pub")}`,
      `--service-account-signing-key-file=${file("sa.key")}`,
      `--token-auth-file=${file("tokens.csv")}`,
      "--authorization-mode=RBAC",
      "--disable-admission-plugins=ServiceAccount,MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
      ...this.#apiserverFlags,
    ]);
    await this.#until("kube-apiserver", async () => (await this.#request("GET", "/readyz")).status === 200);
  }

  /** As a machine that loses its power. */
  async killApiserver(): Promise<void> {
    await this.#kill("kube-apiserver");
  }

  /** It keeps its connections, and says nothing. */
  pauseApiserver(): void {
    this.#programs.get("kube-apiserver")?.kill("SIGSTOP");
  }

  resumeApiserver(): void {
    this.#programs.get("kube-apiserver")?.kill("SIGCONT");
  }

  /** A collection or an object, as it is now. */
  async read(path: string): Promise<unknown> {
    return JSON.parse(await this.#do("GET", path, ""));
  }

  /** @throws Error if the apiserver refuses it */
  async create(path: string, object: object): Promise<void> {
    await this.#do("POST", path, object);
  }

  /** Of a kind that the apiserver has just heard of, and may not know yet. */
  async createSoon(path: string, object: object): Promise<void> {
    for (const endsAtMs = performance.now() + readyWithinMs; ; await sleep(50)) {
      const { status, text } = await this.#request("POST", path, object);
      if (status < 300) return;
      if (status !== 404 || performance.now() > endsAtMs) throw new Error(`POST ${path}: ${status} ${text}`);
    }
  }

  /** @param yaml objects as people write them, one for each path, in this order */
  async apply(yaml: string, ...paths: readonly string[]): Promise<void> {
    const objects = yaml.split(/^---$/m);
    for (const [index, path] of paths.entries()) await this.#do("POST", path, objects[index] ?? "");
  }

  /** @param path of the object, or of its status */
  async patch(path: string, object: object): Promise<void> {
    await this.#do("PATCH", path, object);
  }

  /** @param pointer to a field, such as `/spec/ports/0/port` */
  async replace(path: string, pointer: string, value: unknown): Promise<void> {
    await this.#do("PATCH", path, [{ op: "replace", path: pointer, value }]);
  }

  async delete(path: string, options: object = {}): Promise<void> {
    await this.#do("DELETE", path, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of [...this.#programs.keys()].reverse()) await this.#kill(program);
    this.#agent.destroy();
    rmSync(this.folder, { recursive: true });
  }

  async #startEtcd(): Promise<void> {
    const [clients, peers] = [await freePort(), await freePort()];
    this.#etcdPort = clients;
    const url = (port: number) => `http://127.0.0.1:${port}`;
    this.#start("etcd", [
      `--data-dir=${join(this.folder, "etcd")}`,
      "--unsafe-no-fsync",
      "--log-level=error",
      `--listen-client-urls=${url(clients)}`,
      `--advertise-client-urls=${url(clients)}`,
      `--listen-peer-urls=${url(peers)}`,
      `--initial-advertise-peer-urls=${url(peers)}`,
      `--initial-cluster=default=${url(peers)}`,
    ]);
    await this.#until("etcd", async () => (await fetch(`${url(clients)}/health`)).ok);
  }

  #startControllers(): void {
    this.#start("kube-controller-manager", [
      `--kubeconfig=${this.kubeconfig("admin")}`,
      "--leader-elect=false",
      "--secure-port=0",
      "--profiling=false",
      "--controllers=endpointslice-controller,namespace-controller",
      "--use-service-account-credentials=false",
      "--kube-api-qps=200",
      "--kube-api-burst=400",
    ]);
  }

  async #allowReader(): Promise<void> {
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    const rules = [
      { apiGroups: [""], resources: ["services"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ];
    await this.create(`${rbac}/clusterroles`, { metadata: { name: reader }, rules });
    await this.create(`${rbac}/clusterrolebindings`, {
      metadata: { name: reader },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: reader },
      subjects: [{ kind: "User", name: reader, apiGroup: "rbac.authorization.k8s.io" }],
    });
  }

  #start(program: Program, args: readonly string[]): void {
    const log = openSync(join(this.folder, `${program}.log`), "a");
    this.#programs.set(program, spawn(join(findPeer("kubernetes") ?? "", program), args, { stdio: ["ignore", log, log] }));
  }

  async #kill(program: Program): Promise<void> {
    const child = this.#programs.get(program);
    this.#programs.delete(program);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async #until(program: Program, isReady: () => Promise<boolean>): Promise<void> {
    for (const endsAtMs = performance.now() + readyWithinMs; performance.now() < endsAtMs; await sleep(50)) {
      if (await isReady().catch(() => false)) return;
      if (this.#programs.get(program)?.exitCode !== null) break;
    }
    throw new Error(`${program} is not ready:\n${readFileSync(join(this.folder, `${program}.log`), "utf8").slice(-2_000)}`);
  }

  /** A token of a ServiceAccount, as a pod has it mounted. */
  async token(namespace: string, account: string, audience: string, expirationSeconds = 3_600): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const { status } = JSON.parse(await this.#do("POST", path, { spec: { audiences: [audience], expirationSeconds } }));
    return status.token;
  }

  /**
   * Applies an object on the server's side.
   *
   * @param query such as `dryRun=All`
   * @returns the object as it is then
   */
  async serverSideApply(path: string, yaml: string, query = ""): Promise<object> {
    return JSON.parse(await this.#do("PATCH", `${path}?fieldManager=test&force=true&fieldValidation=Strict&${query}`, yaml));
  }

  /** The status of the apiserver's answer to whom a token names. */
  async statusFor(token: string, method: string, path: string, object?: object): Promise<number> {
    return (await this.#request(method, path, object, token)).status;
  }

  async #do(method: string, path: string, object: object | string): Promise<string> {
    const { status, text } = await this.#request(method, path, object);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text;
  }

  #request(
    method: string,
    path: string,
    object: object | string = "",
    token = this.#tokens.get("admin"),
  ): Promise<{ readonly status: number; readonly text: string }> {
    const patch = Array.isArray(object) ? "application/json-patch+json" : "application/strategic-merge-patch+json";
    const json = method === "PATCH" ? patch : "application/json";
    const yaml = method === "PATCH" ? "application/apply-patch+yaml" : "application/yaml";
    const [type, body] = typeof object === "string" ? [yaml, object] : [json, JSON.stringify(object)];
    return new Promise((resolve, reject) => {
      // With its length: Node.js sends none of its own accord where a body is unusual, as in DELETE.
      const length = { "content-length": Buffer.byteLength(body) };
      const headers = { authorization: `Bearer ${token}`, "content-type": type, ...length };
      request({ host: "127.0.0.1", port: this.port, path, method, headers, agent: this.#agent }, async (response) => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(await Array.fromAsync(response)).toString() });
      })
        .on("error", reject)
        .end(body);
    });
  }

  #write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await closeServer(server);
  return port;
}
