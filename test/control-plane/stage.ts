import type { ServiceDefinition } from "../../control-plane/src/registry/service-definition.ts";
import { type EchoServer, startEchoServer } from "../support/echo-server.ts";
import { PlaneSite } from "./plane-site.ts";
import { TestClient } from "./test-client.ts";

type Endpoints = Exclude<ServiceDefinition["endpoints"], undefined>;

/** What peers call. */
export const service = "echo.default:8080";
/** What it may fall back on: `s3`. */
export const backup = "backup.default:8080";

/** Four servers, `s0` to `s3`, and a control plane that knows of them what it is told. */
export class Stage implements AsyncDisposable {
  readonly site: PlaneSite;
  /** Of the service, from the next time on that it is told what serves. */
  fallback: readonly string[] = [];
  readonly #servers: EchoServer[];

  private constructor(servers: EchoServer[], site: PlaneSite) {
    this.#servers = servers;
    this.site = site;
  }

  static async start(): Promise<Stage> {
    const servers = await Promise.all(["s0", "s1", "s2", "s3"].map((name) => startEchoServer({ name })));
    const stage = new Stage(servers, await PlaneSite.start({}));
    stage.serve(stage.at(0), stage.at(1));
    return stage;
  }

  /** A server, as it is registered. */
  at(index: number, fields: object = {}): Exclude<Endpoints[number], string> {
    return { address: "127.0.0.1", port: this.#servers[index]?.port ?? 0, ...fields };
  }

  /** All that the service has from now on. */
  serve(...endpoints: Endpoints): void {
    this.site.file.write({ [service]: { endpoints, fallback: [...this.fallback] }, [backup]: { endpoints: [this.at(3)] } });
  }

  /** Resolves when the control plane has seen that there is no such service. */
  async delete(): Promise<void> {
    const client = new TestClient(this.site.port);
    const backups = client.delta(true, backup);
    await backups.next();
    this.site.file.write({ [backup]: { endpoints: [this.at(3), this.at(2)] } });
    await backups.next();
    client.cancel();
  }

  /** Dies, with its connections. */
  async kill(index: number): Promise<void> {
    await this.#servers[index]?.kill();
  }

  /** Starts one more. */
  async add(name: string): Promise<number> {
    return this.#servers.push(await startEchoServer({ name })) - 1;
  }

  /** Servers are killed, since peers keep connections that they don't use. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
    await this.site[Symbol.asyncDispose]();
  }
}
