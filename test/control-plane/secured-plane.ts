import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect } from "node:tls";
import { onTestFinished } from "vitest";
import type { ControlPlaneOptions } from "../../control-plane/src/control-plane-options.ts";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import type { Logger } from "../../control-plane/src/logger.ts";
import { createSecretDir, type SecretDir } from "../support/secret-dir.ts";
import { type CertificateRequest, type Credentials, type TestPki, testPki } from "../support/test-pki.ts";
import { Changes } from "../support/until.ts";
import { use } from "../support/use.ts";

const server: CertificateRequest = { ips: ["127.0.0.1"] };

/** What was logged, and a way to wait for it. */
export class RecordedLog implements Logger {
  readonly entries: (Record<string, unknown> & { readonly message: string })[] = [];
  readonly #changes = new Changes();

  debug(): void {}
  info = (details: object, message: string): void => this.#add(details, message);
  warn = (details: object, message: string): void => this.#add(details, message);
  error = (details: object, message: string): void => this.#add(details, message);

  async next(message: string): Promise<Record<string, unknown>> {
    const find = () => this.entries.find((entry) => entry.message === message);
    await this.#changes.until(() => find() !== undefined);
    const found = find() ?? { message };
    this.entries.splice(this.entries.indexOf(found), 1);
    return found;
  }

  #add(details: object, message: string): void {
    this.entries.push({ ...details, message });
    this.#changes.announce();
  }
}

/** A control plane that wants to see certificates, and what its clients need. */
export interface SecuredPlane {
  readonly port: number;
  readonly log: RecordedLog;
  readonly dir: SecretDir;
  readonly pki: TestPki;
  /** A new certificate for the server. */
  issueServer(): Promise<Credentials>;
  /** What a client of these names trusts and shows. */
  tlsOf(names: CertificateRequest): Promise<Credentials & { readonly ca: string }>;
  metrics(): Promise<string>;
}

export async function startSecuredPlane(options: Omit<ControlPlaneOptions, "tls" | "logger">): Promise<SecuredPlane> {
  const pki = await testPki();
  const dir = use(await createSecretDir(pki.ca, await pki.issueFor(server)));
  const { ca: clientCa, cert, key } = dir.files;
  const log = new RecordedLog();
  const controlPlane = use(createControlPlane({ removalGraceMs: 0, ...options, tls: { cert, key, clientCa }, logger: log }));
  const port = await controlPlane.listen("127.0.0.1:0");
  const admin = await controlPlane.listenAdmin("127.0.0.1:0");
  return {
    port,
    log,
    dir,
    pki,
    issueServer: () => pki.issueFor(server),
    tlsOf: async (names) => ({ ca: pki.ca, ...(await pki.issueFor(names)) }),
    metrics: async () => (await fetch(`http://127.0.0.1:${admin}/metrics`)).text(),
  };
}

/** What a new connection is like, once the server has said its first words. */
export async function connected(port: number, tls: ConnectionOptions) {
  const socket = connect({ host: "127.0.0.1", port, ALPNProtocols: ["h2"], ...tls });
  try {
    await once(socket, "data");
    return { serial: socket.getPeerX509Certificate()?.serialNumber, session: socket.getSession(), isResumed: socket.isSessionReused() };
  } finally {
    socket.destroy();
  }
}

/** A file that is replaced at once, as editors do. */
export function replacedFile(text: string): { readonly path: string; write(text: string): void } {
  const folder = mkdtempSync(join(tmpdir(), "replaced-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file.yaml");
  const write = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  write(text);
  return { path, write };
}
