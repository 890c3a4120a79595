import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceDefinition } from "../../control-plane/src/registry/service-definition.ts";

export type Services = Readonly<Record<string, ServiceDefinition>>;

/** A file of services, in a folder of its own. Not there at first. */
export class ServicesFile implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), "services-"));
    this.path = join(this.#folder, "services.yaml");
  }

  /** At once, as editors and ConfigMaps do. JSON is YAML. */
  write(services: Services): void {
    this.writeText(JSON.stringify({ services }));
  }

  writeText(text: string): void {
    writeFileSync(`${this.path}.new`, text);
    renameSync(`${this.path}.new`, this.path);
  }

  remove(): void {
    rmSync(this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true });
  }
}
