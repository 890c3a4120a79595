import type { OutlierDetection } from "../../gen/envoy/config/cluster/v3/outlier_detection_pb.ts";
import type { Problems } from "./problems.ts";
import { readDuration, readNumber } from "./proto-fields.ts";

/** gRFC A50, with the names and units of the balancer's options, which take the default for what is undefined; and Envoy's failures in a row. */
export interface OutlierSettings {
  readonly intervalMs: number | undefined;
  readonly baseEjectionMs: number | undefined;
  readonly maxEjectionMs: number | undefined;
  readonly maxEjectionPercent: number | undefined;
  readonly successRateEjection: (EjectionSettings & { readonly stdevFactor: number | undefined }) | false;
  readonly failurePercentageEjection: (EjectionSettings & { readonly threshold: number | undefined }) | false;
  /** An endpoint with so many failures in a row is ejected; undefined for none, or for what the client thinks right. */
  readonly consecutiveFailures: number | undefined;
}

interface EjectionSettings {
  readonly enforcementPercentage: number | undefined;
  readonly minimumHosts: number | undefined;
  readonly requestVolume: number | undefined;
}

export function toOutlierSettings(detection: OutlierDetection, problems: Problems): OutlierSettings {
  const percent = (value: number | undefined, field: string) => readNumber(value, [0, 100], `outlier_detection.${field}`, problems);
  const enforcingSuccessRate = percent(detection.enforcingSuccessRate, "enforcing_success_rate");
  const enforcingFailures = percent(detection.enforcingFailurePercentage, "enforcing_failure_percentage") ?? 0;
  const enforcingInRow = percent(detection.enforcingConsecutive5xx, "enforcing_consecutive_5xx");
  const intervalMs = readDuration(detection.interval, "outlier_detection.interval", problems);
  if (intervalMs === 0) problems.unexpected("outlier_detection.interval", "more than 0", intervalMs);
  return {
    intervalMs,
    baseEjectionMs: readDuration(detection.baseEjectionTime, "outlier_detection.base_ejection_time", problems),
    maxEjectionMs: readDuration(detection.maxEjectionTime, "outlier_detection.max_ejection_time", problems),
    maxEjectionPercent: percent(detection.maxEjectionPercent, "max_ejection_percent"),
    successRateEjection: enforcingSuccessRate !== 0 && {
      enforcementPercentage: enforcingSuccessRate,
      stdevFactor: detection.successRateStdevFactor,
      minimumHosts: detection.successRateMinimumHosts,
      requestVolume: detection.successRateRequestVolume,
    },
    failurePercentageEjection: enforcingFailures !== 0 && {
      enforcementPercentage: enforcingFailures,
      threshold: percent(detection.failurePercentageThreshold, "failure_percentage_threshold"),
      minimumHosts: detection.failurePercentageMinimumHosts,
      requestVolume: detection.failurePercentageRequestVolume,
    },
    // 0 is Envoy's way to say none.
    consecutiveFailures: enforcingInRow === 0 ? undefined : detection.consecutive5xx || undefined,
  };
}
