import { Child } from "../../demo/child.ts";
import type { PlaneCommand, PlaneOrder, PlaneReport, PlaneUsage } from "./plane-process.ts";

/** A control plane in a process of its own. */
export class Plane {
  readonly port: number;
  readonly #child: Child;

  static async start(order: Omit<PlaneOrder, "port">, port = 0): Promise<Plane> {
    const child = new Child("control plane", new URL("./plane-process.ts", import.meta.url), { ...order, port } satisfies PlaneOrder);
    const report = await child.nextMessage<PlaneReport>();
    if (report.is !== "listening") throw new Error(`the control plane says ${report.is} first`);
    return new Plane(child, report.port);
  }

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** @returns when the change began, in machine time */
  async change(service: number, times = 1): Promise<number> {
    const report = await this.#ask({ is: "change", service, times });
    return report.is === "changed" ? report.atMs : Number.NaN;
  }

  async measure(isExact = false): Promise<PlaneUsage> {
    const report = await this.#ask({ is: "measure", isExact });
    if (report.is !== "measured") throw new Error(`the control plane says ${report.is}, asked for what it takes`);
    return report;
  }

  kill(): Promise<void> {
    return this.#child.kill();
  }

  #ask(command: PlaneCommand): Promise<PlaneReport> {
    const report = this.#child.nextMessage<PlaneReport>();
    this.#child.send(command);
    return report;
  }
}
