import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of our own. It ends when this one ends, however that comes; if it ends by itself, this one fails. */
export class Child {
  readonly #process: ChildProcess;
  #mayEnd = false;

  /**
   * @param file what to run; there, `readOrder()` answers `order`
   * @param prefix stands before the command, to run it elsewhere. Default: nothing
   */
  constructor(name: string, file: URL, order: object, prefix: readonly string[] = []) {
    const [execPath = process.execPath, ...before] = [...prefix, process.execPath];
    this.#process = fork(fileURLToPath(file), [JSON.stringify(order)], { execPath, execArgv: [...before, ...process.execArgv] });
    this.#process.once("exit", (code, signal) => {
      if (!this.#mayEnd) throw new Error(`${name} ended by itself, with ${signal ?? `code ${code}`}: see its output above`);
    });
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN;
  }

  async nextMessage<Message>(): Promise<Message> {
    const [message] = await once(this.#process, "message");
    return message;
  }

  onMessage<Message>(listener: (message: Message) => void): void {
    this.#process.on("message", listener);
  }

  send<Message extends string | object>(message: Message): void {
    this.#process.send(message);
  }

  /** It goes on, unless the signal ends it, in which case see `end`. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Sends the signal, and resolves when the process has ended by itself. */
  async end(name: NodeJS.Signals): Promise<void> {
    this.#mayEnd = true;
    const exited = once(this.#process, "exit");
    this.#process.kill(name);
    await exited;
  }

  /** SIGKILL: the process gets no chance to say goodbye. */
  async kill(): Promise<void> {
    this.#mayEnd = true;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }
}
