import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file of services, in a folder that goes with the process. */
export class ServicesFile {
  readonly path: string;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "services-"));
    this.path = join(folder, "services.yaml");
    process.once("exit", () => rmSync(folder, { recursive: true }));
  }

  /**
   * Says who serves, and writes the file as a whole: a reader would take half of a list for a shorter one.
   *
   * @param endpoints in YAML, such as `127.0.0.1:8080`
   */
  write(service: string, ...endpoints: readonly string[]): void {
    const lines = ["services:", `  ${service}:`, "    endpoints:", ...endpoints.map((endpoint) => `      - ${endpoint}`), ""];
    writeFileSync(`${this.path}.new`, lines.join("\n"));
    renameSync(`${this.path}.new`, this.path);
  }
}
