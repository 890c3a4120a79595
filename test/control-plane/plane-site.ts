import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { PlaneProcess } from "./plane-process.ts";
import { type Services, ServicesFile } from "./services-file.ts";

/** A control plane at an address that stays, whatever becomes of its process: clients know a forwarder. */
export class PlaneSite implements AsyncDisposable {
  readonly file: ServicesFile;
  readonly #forwarder: TcpProxy;
  #plane: PlaneProcess;

  private constructor(file: ServicesFile, plane: PlaneProcess, forwarder: TcpProxy) {
    this.file = file;
    this.#plane = plane;
    this.#forwarder = forwarder;
  }

  static async start(services: Services): Promise<PlaneSite> {
    const file = new ServicesFile();
    file.write(services);
    const plane = await PlaneProcess.start(file.path);
    return new PlaneSite(file, plane, await startTcpProxy(plane.port));
  }

  /** Where clients go. */
  get port(): number {
    return this.#forwarder.port;
  }

  /** Connections are cut, and new ones refused. */
  async kill(): Promise<void> {
    await Promise.all([this.#forwarder.down(), this.#plane.end("SIGKILL")]);
  }

  async startAgain(): Promise<void> {
    this.#plane = await PlaneProcess.start(this.file.path);
    this.#forwarder.redirect(this.#plane.port);
    await this.#forwarder.up();
  }

  /** Resolves once the process that runs now has told somebody something. */
  told(): Promise<void> {
    return this.#plane.said("sent");
  }

  /** SIGSTOP: the system still accepts connections for it, and nobody answers. */
  hang(): void {
    this.#plane.signal("SIGSTOP");
  }

  wake(): void {
    this.#plane.signal("SIGCONT");
  }

  /** Dies, and the address leads to what listens on that port. */
  async giveWayTo(port: number): Promise<void> {
    this.#forwarder.redirect(port);
    await this.#plane.end("SIGKILL");
  }

  /** Dies, and comes back on another port, to which the same address leads. */
  async move(): Promise<void> {
    await this.#plane.end("SIGKILL");
    this.#plane = await PlaneProcess.start(this.file.path);
    this.#forwarder.redirect(this.#plane.port);
  }

  /** Another one is there before this one tells its clients to go. */
  async handOver(): Promise<void> {
    const replica = await PlaneProcess.start(this.file.path);
    this.#forwarder.redirect(replica.port);
    const [code] = (await this.#plane.end("SIGTERM")) as [number];
    this.#plane = replica;
    if (code !== 0) throw new Error(`the control plane that was replaced ended with ${code}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.file[Symbol.asyncDispose]();
  }
}
