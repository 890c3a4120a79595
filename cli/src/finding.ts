export interface Finding {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly found: string;
  /** What to do about it. */
  readonly next?: string;
}

export const ok = (name: string, found: string): Finding => ({ name, status: "ok", found });
export const warn = (name: string, found: string, next: string): Finding => ({ name, status: "warn", found, next });
export const fail = (name: string, found: string, next: string): Finding => ({ name, status: "fail", found, next });
