import type { DescMessage, JsonObject, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack, type Duration } from "@bufbuild/protobuf/wkt";
import type { Metadata } from "../../gen/envoy/config/core/v3/base_pb.ts";
import type { FractionalPercent } from "../../gen/envoy/type/v3/percent_pb.ts";
import { FractionalPercent_DenominatorType } from "../../gen/envoy/type/v3/percent_pb.ts";
import { toError } from "../../to-error.ts";
import type { Problems } from "./problems.ts";

/** The bound of protobuf's own, some 10,000 years. */
const maxSeconds = 315_576_000_000n;

/** In ms. */
export function readDuration(duration: Duration | undefined, path: string, problems: Problems): number | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  if (seconds >= 0n && seconds <= maxSeconds && nanos >= 0 && nanos < 1e9) return Number(seconds) * 1_000 + nanos / 1e6;
  return problems.unexpected(path, "a duration of 0 or more", `${seconds} s ${nanos} ns`);
}

/** A number within bounds, which NaN is not. */
export function readNumber(
  value: number | bigint | undefined,
  [least, most]: readonly [number, number],
  path: string,
  problems: Problems,
): number | undefined {
  if (value === undefined) return undefined;
  if (value >= least && value <= most) return Number(value);
  return problems.unexpected(path, `${least} to ${most}`, Number(value));
}

const denominators: Readonly<Record<number, number>> = {
  [FractionalPercent_DenominatorType.HUNDRED]: 100,
  [FractionalPercent_DenominatorType.TEN_THOUSAND]: 10_000,
  [FractionalPercent_DenominatorType.MILLION]: 1_000_000,
};

/** As a part of 1: xDS takes more than the whole for the whole. */
export function readShare(share: FractionalPercent, path: string, problems: Problems): number | undefined {
  const denominator = denominators[share.denominator];
  if (denominator !== undefined) return Math.min(1, share.numerator / denominator);
  return problems.unexpected(`${path}.denominator`, Object.values(denominators).join(", "), share.denominator);
}

/** What stands there under a name. */
export function readMetadata(metadata: Metadata | undefined, name: string): JsonObject {
  return (metadata !== undefined && Object.hasOwn(metadata.filterMetadata, name) && metadata.filterMetadata[name]) || {};
}

/** The message in an `Any`; undefined if it is of another type, or can't be decoded, which is a problem. */
export function unpack<Desc extends DescMessage>(any: Any, schema: Desc, path: string, problems: Problems): MessageShape<Desc> | undefined {
  try {
    return anyUnpack(any, schema);
  } catch (error) {
    return problems.add(`${path}: can't be decoded as ${schema.typeName}: ${toError(error).message}`);
  }
}

/** An enum's value as an operator knows it. */
export function valueName(values: Readonly<Record<string, number>>, value: number): string | number {
  return Object.keys(values).find((name) => values[name] === value) ?? value;
}

/** Whether an `Any` is of a type, whatever is in it. */
export function isTyped({ typeUrl }: Any, schema: { readonly typeName: string }): boolean {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1) === schema.typeName;
}
