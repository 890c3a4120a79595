import { fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { OrcaLoadReportSchema } from "../../gen/xds/data/orca/v3/orca_load_report_pb.ts";
import type { LoadReport } from "../../load-report.ts";
import { fromOrca } from "../../orca.ts";

const maxBytes = 1024;
const maxBase64Length = Math.ceil(maxBytes / 3) * 4;
const maxNamedMetrics = 16;

/** Reads the reports of one endpoint. Keep one for each endpoint: it decodes a report only when it differs from the last one. */
export interface ReportReader {
  /**
   * The report in a header or trailer {@link loadReportHeader}; the same object again for the same text. Of several values
   * the first counts. Undefined when there is none, and when it is malformed or too large; never throws. The fields are
   * as the server sent them: whoever balances by them bounds them first.
   */
  read(value: string | string[] | undefined): LoadReport | undefined;
  /** How often a value was malformed or too large, and therefore ignored. */
  readonly ignored: number;
}

/** A reader that has seen nothing yet. */
export function createReportReader(): ReportReader {
  return new CachingReportReader();
}

class CachingReportReader implements ReportReader {
  #lastText: string | undefined;
  #lastReport: LoadReport | undefined;
  #ignored = 0;

  get ignored(): number {
    return this.#ignored;
  }

  read(value: string | string[] | undefined): LoadReport | undefined {
    const text = typeof value === "string" ? value : value?.[0];
    if (text === undefined) return undefined;
    if (text !== this.#lastText) {
      this.#lastReport = decode(text);
      this.#lastText = text;
    }
    if (this.#lastReport === undefined) this.#ignored += 1;
    return this.#lastReport;
  }
}

function decode(text: string): LoadReport | undefined {
  // HTTP allows repeated headers to be joined by commas, and base64 has none of its own.
  const comma = text.indexOf(",");
  const first = comma === -1 ? text : text.slice(0, comma);
  if (first.length === 0 || first.length > maxBase64Length) return undefined;
  try {
    const bytes = base64Decode(first);
    if (bytes.length > maxBytes) return undefined;
    const orca = fromBinary(OrcaLoadReportSchema, bytes, { readUnknownFields: false });
    return Object.keys(orca.namedMetrics).length > maxNamedMetrics ? undefined : fromOrca(orca);
  } catch {
    return undefined;
  }
}
