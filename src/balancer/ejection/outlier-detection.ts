import type { Ejection } from "./ejection.ts";
import { OutlierEjector } from "./outlier-ejector.ts";
import { type OutlierDetectionOptions, outlierSettings } from "./outlier-options.ts";

/**
 * The outlier detection of gRPC and Envoy in place of our own ejection: `ejection: outlierDetection()`. For fleets whose other clients use
 * it, or whose settings have proved themselves. It wants more traffic and more endpoints, takes up to an interval to notice, and lets
 * endpoints back untried; and where several fail at once, the deviation grows until nobody is an outlier.
 *
 * @throws ConfigurationError for an option that can't be used
 * @see https://github.com/grpc/proposal/blob/master/A50-xds-outlier-detection.md
 */
export function outlierDetection(options: OutlierDetectionOptions = {}): Ejection {
  const settings = outlierSettings(options);
  return (env) => new OutlierEjector(settings, env);
}
