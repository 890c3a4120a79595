import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { OrcaLoadReportSchema } from "../../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../../load-report.ts";
import { fromOrca } from "../../orca.ts";

/** Of a report, however it comes. */
export const maxReportBytes = 1024;
const maxBase64Length = Math.ceil(maxReportBytes / 3) * 4;
const maxNamedMetrics = 16;

/** Reads the reports of one endpoint. It decodes a report only when it differs from the last one. */
export class ReportReader {
  #lastText: string | undefined;
  #lastReport: LoadReport | undefined;

  /**
   * The report in a header or trailer `endpoint-load-metrics-bin`; the same object again for the same text. Of several values
   * the first counts. Undefined when there is none, and when it is malformed or too large; never throws. The fields are
   * as the server sent them: whoever balances by them bounds them first.
   */
  read(value: string | string[] | undefined): LoadReport | undefined {
    const text = typeof value === "string" ? value : value?.[0];
    if (text === undefined) return undefined;
    if (text !== this.#lastText) {
      this.#lastReport = decodeBase64(text);
      this.#lastText = text;
    }
    return this.#lastReport;
  }
}

function decodeBase64(text: string): LoadReport | undefined {
  // HTTP allows repeated headers to be joined by commas, and base64 has none of its own.
  const comma = text.indexOf(",");
  const first = comma === -1 ? text : text.slice(0, comma);
  if (first.length === 0 || first.length > maxBase64Length) return undefined;
  try {
    return decodeReport(base64Decode(first));
  } catch {
    return undefined;
  }
}

/** The report that the bytes are, unbounded as they are; undefined for one that is malformed or too large. Never throws. */
export function decodeReport(bytes: Uint8Array): LoadReport | undefined {
  if (bytes.length > maxReportBytes) return undefined;
  try {
    const orca = fromBinary(OrcaLoadReportSchema, bytes, { readUnknownFields: false });
    return Object.keys(orca.namedMetrics).length > maxNamedMetrics ? undefined : fromOrca(orca);
  } catch {
    return undefined;
  }
}
