import { oneOf } from "./check-options.ts";

/** The status of a call that failed, as Connect and gRPC name and number them. */
const numbers = {
  canceled: 1,
  unknown: 2,
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  already_exists: 6,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  out_of_range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  data_loss: 15,
  unauthenticated: 16,
} as const;

/** A status by its name, such as `unavailable`. */
export type StatusName = keyof typeof numbers;

export const statusNames = Object.keys(numbers) as readonly StatusName[];

export const checkStatus = oneOf(...statusNames);

export function statusNumber(name: StatusName): number {
  return numbers[name];
}
