/** Where calls went, as labels of metrics. */
export interface LoadSeries {
  readonly service: string;
  readonly region: string;
  readonly zone: string;
}

export interface LoadSeriesLimits {
  /** Of one service. */
  readonly maxLocalities: number;
  /** Of all services. */
  readonly maxSeries: number;
}

const maxLength = 128;

/** What there is no room for counts as one, since metrics are for ever and clients may say anything. */
export const otherSeries: LoadSeries = { service: "other", region: "other", zone: "other" };

/** The services and localities for which load is counted. */
export class LoadSeriesSet {
  readonly #limits: LoadSeriesLimits;
  readonly #byService = new Map<string, Set<string>>();
  #size = 0;

  constructor(limits: LoadSeriesLimits) {
    this.#limits = limits;
  }

  /** @param service one that there is */
  of(service: string, locality: { readonly region: string; readonly zone: string } = { region: "", zone: "" }): LoadSeries {
    const { region, zone } = { region: labelOf(locality.region), zone: labelOf(locality.zone) };
    const localities = this.#byService.get(service) ?? new Set();
    const key = JSON.stringify([region, zone]);
    if (localities.has(key)) return { service, region, zone };
    if (this.#size >= this.#limits.maxSeries) return otherSeries;
    if (localities.size >= this.#limits.maxLocalities) return { ...otherSeries, service };
    this.#byService.set(service, localities.add(key));
    this.#size++;
    return { service, region, zone };
  }
}

function labelOf(text: string): string {
  return text
    .replace(/\p{Cc}/gu, "")
    .slice(0, maxLength)
    .toWellFormed();
}
