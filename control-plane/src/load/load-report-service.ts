import type { ConnectRouter } from "@connectrpc/connect";
import { LoadReportingService } from "../gen/envoy/service/load_stats/v3/lrs_pb.ts";
import { connectionOf } from "../xds/connection-of.ts";
import type { LoadReports } from "./load-reports.ts";

export function loadReportService(router: ConnectRouter, reports: LoadReports): void {
  router.service(LoadReportingService, {
    streamLoadStats: (requests, context) => reports.carry(requests, connectionOf(context), context.signal),
  });
}
