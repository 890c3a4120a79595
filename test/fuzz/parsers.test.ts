import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { boundReport } from "../../src/balancer/members/bound-report.ts";
import { guarded } from "../../src/server-hooks/index.ts";
import { pushbackMs } from "../../src/transport/calls/classify.ts";
import { ReportReader } from "../../src/transport/sessions/read-report.ts";
import { createSpiffeCheck } from "../../src/transport/tls/tls-spiffe.ts";
import { fuzz } from "./fuzz.ts";

describe("whatever a peer sends", () => {
  it("as a load report is read as one within bounds, or as none", async () => {
    const reader = new ReportReader();
    await fuzz("load-report", (input) => {
      // The corpus is protobuf; the header is its base64, or whatever else a server put there.
      for (const text of [input.toString("base64"), input.toString("latin1")]) {
        const report = reader.read(text);
        if (report === undefined) continue;
        for (const value of Object.values(boundReport(report))) {
          expect(typeof value === "boolean" || (Number.isFinite(value) && value >= 0)).toBe(true);
        }
      }
    });
  });

  it("as a certificate passes or is refused: the check never throws", async () => {
    const check = createSpiffeCheck({ trustDomain: "prod.example" });
    await fuzz("certificate", (input) => {
      const error = check(input);
      if (error !== undefined) expect(error.message).toMatch(/^the server's certificate does not pass tls.spiffe: ./);
    });
  });

  it("as authority and path reaches a guarded handler only where both make a URL", async () => {
    const accept = guarded((request: { url: string; headers: { host: string } }, _: never) => {
      expect(() => new URL(request.url, `http://${request.headers.host}`)).not.toThrow();
    });
    const response = { writeHead: () => {}, end: () => {} } as never;
    await fuzz("authority-and-path", (input) => {
      const [host = "", url = ""] = input.toString("latin1").split(" ");
      accept({ url, headers: { host } }, response);
    });
  });

  it("as a wish to be left alone is a time within bounds, or nothing", async () => {
    await fuzz("retry-after", (input) => {
      const value = input.toString("latin1").replace(/[^\t\x20-\x7e]/g, "");
      for (const name of ["retry-after", "grpc-retry-pushback-ms"]) {
        const delayMs = pushbackMs(new ConnectError("busy", Code.ResourceExhausted, { [name]: value }));
        expect(delayMs === undefined || (Number.isFinite(delayMs) && delayMs >= 0) || (name !== "retry-after" && delayMs === -1)).toBe(
          true,
        );
      }
    });
  });
});
