import { PlaneProcess } from "../control-plane/plane-process.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** For tests: replicas of the control plane on one cluster, each a process at an address that stays. */
export class PlaneReplicas implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #replicas: { plane: PlaneProcess; readonly forwarder: TcpProxy }[];

  private constructor(args: readonly string[], replicas: { plane: PlaneProcess; readonly forwarder: TcpProxy }[]) {
    this.#args = args;
    this.#replicas = replicas;
  }

  static async start(count: number, kubeconfig: string, namespace: string): Promise<PlaneReplicas> {
    const args = ["--registry", "kubernetes", "--kubeconfig", kubeconfig, "--namespace", namespace];
    const replicas = Array.from({ length: count }, async () => {
      const plane = await PlaneProcess.startOn(...args);
      return { plane, forwarder: await startTcpProxy(plane.port) };
    });
    return new PlaneReplicas(args, await Promise.all(replicas));
  }

  /** Where clients go, such as `static:///127.0.0.1:18000,127.0.0.1:18001`. */
  get target(): string {
    return `static:///${this.#replicas.map(({ forwarder }) => `127.0.0.1:${forwarder.port}`).join(",")}`;
  }

  async kill(index: number): Promise<void> {
    const replica = this.#replicas[index];
    await Promise.all([replica?.forwarder.down(), replica?.plane.end("SIGKILL")]);
  }

  async startAgain(index: number): Promise<void> {
    const replica = this.#replicas[index];
    if (replica === undefined) throw new Error(`there is no replica ${index}`);
    replica.plane = await PlaneProcess.startOn(...this.#args);
    replica.forwarder.redirect(replica.plane.port);
    await replica.forwarder.up();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#replicas.map((_, index) => this.kill(index)));
  }
}
