/** A histogram that somebody else counts. */
import { Histogram, type Registry } from "./prometheus.ts";

/** The counts of one series. */
export interface CountedSeries<L extends string> {
  /** Its labels. */
  readonly labels: Readonly<Record<L, string>>;
  /** How many values were at most each bucket's bound, and last how many there were. */
  readonly upTo: readonly number[];
  /** The sum of all values, in the metric's unit. */
  readonly sum: number;
}

/** What a {@linkcode MirroredHistogram} is called, and how it is divided. */
export interface MirroredHistogramOptions<L extends string> {
  /** Name, without the suffixes `_bucket`, `_sum` and `_count`. */
  readonly name: string;
  /** What is counted, for people. */
  readonly help: string;
  /** Labels besides `le`. */
  readonly labelNames: readonly L[];
  /** Upper bounds in the metric's unit, ascending. */
  readonly buckets: readonly number[];
}

/** One sample, in the shape that the registry writes down. */
interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Reads its counts when it is asked for them, and keeps none. */
export class MirroredHistogram<L extends string> extends Histogram<L> {
  readonly #options: MirroredHistogramOptions<L>;
  readonly #read: () => Iterable<CountedSeries<L>>;

  /**
   * Registers it.
   *
   * @param registry Where.
   * @param read Gives the counts so far.
   */
  constructor(
    registry: Registry,
    options: MirroredHistogramOptions<L>,
    read: () => Iterable<CountedSeries<L>>,
  ) {
    const { name, help, labelNames, buckets } = options;
    super({
      ...{ name, help, registers: [registry] },
      labelNames: [...labelNames],
      buckets: [...buckets],
    });
    this.#options = options;
    this.#read = read;
  }

  /** What the registry asks for, in place of what was observed. */
  getForPromString(): Promise<Record<string, unknown>> {
    const { name, help } = this.#options;
    const values = Array.from(this.#read(), (each) => this.#samples(each));
    return Promise.resolve({
      ...{ name, help, type: "histogram", aggregator: "sum" },
      values: values.flat(),
    });
  }

  #samples({ labels, upTo, sum }: CountedSeries<L>): readonly Sample[] {
    const { name, buckets } = this.#options;
    return [
      ...upTo.map((value, group) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: buckets[group] ?? "+Inf" },
        value,
      })),
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: upTo.at(-1) ?? 0 },
    ];
  }
}
