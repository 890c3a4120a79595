import type { ConnectRouter } from "@connectrpc/connect";
import { LoadReportingService } from "../gen/envoy/service/load_stats/v3/lrs_pb.ts";
import { type Identify, identified } from "../xds/identified.ts";
import type { LoadReports } from "./load-reports.ts";

export function loadReportService(router: ConnectRouter, reports: LoadReports, identify: Identify): void {
  router.service(LoadReportingService, {
    streamLoadStats: (requests, context) =>
      identified(context, identify, (connection) => reports.carry(requests, connection, context.signal)),
  });
}
