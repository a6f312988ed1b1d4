/** Metrics that mirror what others count. */
import { Counter, Gauge, type Registry } from "../mod/telemetry/mod.ts";

/** Metrics that are filled from their sources at every scrape. */
export class Mirrors {
  /** Where they are registered. */
  readonly registry: Registry;
  readonly #all: { reset(): void }[] = [];

  /** Nothing is registered yet. */
  constructor(registry: Registry) {
    this.registry = registry;
  }

  /** Takes in a metric. */
  add(metric: { reset(): void }): void {
    this.#all.push(metric);
  }

  /** Frees what all of them hold. */
  reset(): void {
    for (const metric of this.#all) metric.reset();
  }
}

/** Copies the packet worker's totals, which never go back, into a counter. */
export function mirror<L extends string>(
  mirrors: Mirrors,
  name: string,
  help: string,
  labelNames: readonly L[],
  read: () => Iterable<readonly [Record<L, string>, number]>,
): void {
  mirrors.add(
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [mirrors.registry],
      collect(this: Counter<L>): void {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    }),
  );
}

/** Shows what is so at the moment of a scrape. */
export function gauge<L extends string>(
  mirrors: Mirrors,
  name: string,
  help: string,
  labelNames: readonly L[],
  read: () => Iterable<readonly [Partial<Record<L, string>>, number]>,
): void {
  mirrors.add(
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [mirrors.registry],
      collect(this: Gauge<L>): void {
        this.reset();
        for (const [labels, value] of read()) this.set(labels, value);
      },
    }),
  );
}
