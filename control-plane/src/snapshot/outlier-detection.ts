import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { OutlierDetectionSchema } from "../gen/envoy/config/cluster/v3/outlier_detection_pb.ts";
import type { EjectionRules } from "../service.ts";

/** What is not asked for is turned off by name: clients would do it by themselves, Envoy all of it and those of gRPC the success rate. */
export function outlierDetection(rules: EjectionRules): MessageInitShape<typeof OutlierDetectionSchema> {
  const { intervalMs, baseEjectionMs, maxEjectionMs, maxEjectionPercent, consecutiveFailures } = rules;
  const { successRateEjection: rate, failurePercentageEjection: failures } = rules;
  return given({
    interval: duration(intervalMs),
    baseEjectionTime: duration(baseEjectionMs),
    maxEjectionTime: duration(maxEjectionMs),
    maxEjectionPercent,
    consecutive5xx: consecutiveFailures,
    enforcingConsecutive5xx: consecutiveFailures === undefined ? 0 : 100,
    enforcingSuccessRate: rate === undefined ? 0 : (rate.enforcementPercentage ?? 100),
    successRateStdevFactor: rate?.stdevFactor,
    successRateMinimumHosts: rate?.minimumHosts,
    successRateRequestVolume: rate?.requestVolume,
    enforcingFailurePercentage: failures === undefined ? 0 : (failures.enforcementPercentage ?? 100),
    failurePercentageThreshold: failures?.threshold,
    failurePercentageMinimumHosts: failures?.minimumHosts,
    failurePercentageRequestVolume: failures?.requestVolume,
  });
}

function duration(ms: number | undefined) {
  return ms === undefined ? undefined : durationFromMs(ms);
}

function given<T extends object>(fields: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
