import type { Clock } from "../clock.ts";
import { FollowedFiles, type FollowedFilesObserver } from "../files/followed-files.ts";
import { AllowList, type AllowRules, type Permits } from "./allow-list.ts";
import { readAllowList, toAllowList } from "./read-allow-list.ts";

/** Who may have which services, by the allow-list that stands now. */
export class AccessControl {
  #list = new AllowList({});
  readonly #file: FollowedFiles<"allowList"> | undefined;

  /**
   * @param source rules, or the path of a file with them
   * @throws Error that says which rule is wrong, or why the file can't be read
   */
  constructor(source: AllowRules | string) {
    if (typeof source !== "string") this.#list = toAllowList(source);
    else {
      this.#file = new FollowedFiles({ allowList: source }, ({ allowList }) => {
        this.#list = readAllowList(source, allowList);
      });
    }
  }

  follow(clock: Clock, observer: FollowedFilesObserver): void {
    this.#file?.follow(observer, { clock });
  }

  close(): void {
    this.#file?.close();
  }

  /**
   * The list may become another one under a stream that lasts for hours, so that what this returns asks the one that stands then.
   *
   * @param names of a client
   */
  permitsOf(names: readonly string[]): Permits {
    let list = this.#list;
    let permits = list.permitsOf(names);
    return (service) => {
      if (list !== this.#list) {
        list = this.#list;
        permits = list.permitsOf(names);
      }
      return permits(service);
    };
  }
}
