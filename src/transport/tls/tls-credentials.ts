import { createSecureContext, type SecureContext } from "node:tls";
import type { Clock } from "../../clock.ts";
import { TlsFileWatch } from "./tls-file-watch.ts";
import { assertCertificates, type Pem, readTlsFilesSync, type TlsFiles } from "./tls-files.ts";
import { assertTlsOptions, type TlsOptions } from "./tls-options.ts";

export interface CredentialsObserver {
  /** From here on, connections are made with other certificates. */
  onRenewed(): void;
  /** The files hold nothing of use; what was read before stays. */
  onError(error: Error): void;
}

/** The certificates and the key that connections are made with: read once for all connections, and anew when their files change. */
export class TlsCredentials {
  readonly options: TlsOptions;
  /** What to make the next connection with. */
  context: SecureContext;
  readonly #read: Pem;
  #watch: TlsFileWatch | undefined;

  /**
   * @throws ConfigurationError for options that contradict each other
   * @throws Error for a file or a certificate that can't be read
   */
  constructor(options: TlsOptions) {
    assertTlsOptions(options);
    this.options = options;
    this.#read = readTlsFilesSync(options.files ?? {});
    this.context = this.#contextOf(this.#read);
  }

  /** Follows the files, if there are any, until {@link close}. */
  follow(clock: Clock, observer: CredentialsObserver): void {
    const { files } = this.options;
    if (files === undefined) return;
    this.#watch = new TlsFileWatch({
      files,
      inUse: this.#read,
      clock,
      onChange: (pem) => {
        this.context = this.#contextOf(pem);
        observer.onRenewed();
      },
      onError: (error) => observer.onError(error),
    });
  }

  close(): void {
    this.#watch?.close();
  }

  #contextOf(pem: Pem): SecureContext {
    const { files, secureContext } = this.options;
    if (secureContext !== undefined) return secureContext;
    if (files === undefined) return createContext(this.options, "tls");
    assertCertificates(files, pem);
    return createContext({ ...this.options, ...pem }, namesOf(files));
  }
}

function createContext(options: TlsOptions, source: string): SecureContext {
  try {
    return createSecureContext(options);
  } catch (cause) {
    throw new Error(`${source}: ${(cause as Error).message}`, { cause });
  }
}

function namesOf({ cert, key }: TlsFiles): string {
  return `tls.files ${[cert, key].filter((path) => path !== undefined).join(" and ")}`;
}
