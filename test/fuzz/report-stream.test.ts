import { expect, it } from "vitest";
import { decodeReport, maxReportBytes } from "../../src/transport/sessions/read-report.ts";
import { readMessages } from "../../src/transport/sessions/report-stream.ts";
import { fuzz } from "./fuzz.ts";

it("whatever a server sends as a stream of load reports has a newest one or none, and no more of it is kept than a report may have", async () => {
  await fuzz("load-report-stream", (input) => {
    const read = readMessages(input);
    expect(read === undefined || read.rest.length < 5 + maxReportBytes).toBe(true);
    expect(() => read?.newest && decodeReport(read.newest)).not.toThrow();
  });
});
