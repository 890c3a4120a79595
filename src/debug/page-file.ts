import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface PageFile {
  readonly html: string;
  /** For `Content-Security-Policy`: its own script and style, and no others. */
  readonly policy: string;
}

/** @throws Error where it has not been built */
export function readPageFile(file: URL): PageFile {
  const html = readFileSync(file, "utf8");
  const script = hashesOf(html, "script");
  const style = hashesOf(html, "style");
  const policy = [
    "default-src 'none'",
    `script-src ${script}`,
    `style-src ${style}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { html, policy: policy.join("; ") };
}

function hashesOf(html: string, tag: string): string {
  const inside = html.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, "gs"));
  return [...inside].map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
}
