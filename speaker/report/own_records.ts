/** The objects that this node has written, as new as they are known. */
import type { L2StatusRecord } from "../../mod/report/mod.ts";

/**
 * An index by Service. The answer to a write may come before or after the event
 * of the watch that tells of it: the newer version counts.
 */
export class OwnRecords {
  readonly #byService = new Map<string, readonly L2StatusRecord[]>();

  /** Services for which there are objects. */
  get services(): Iterable<string> {
    return this.#byService.keys();
  }

  /** The objects for a Service; there should be one at most. */
  of(service: string): readonly L2StatusRecord[] {
    return this.#byService.get(service) ?? [];
  }

  /** Takes in an object, unless a newer version of it is known. */
  note(record: L2StatusRecord): void {
    const { service, metadata } = record;
    const others = this.of(service).filter((each) => !isSame(each, record));
    const known = this.of(service).find((each) => isSame(each, record));
    if (known !== undefined && isOlder(metadata.resourceVersion, known)) return;
    this.#byService.set(service, [...others, record]);
  }

  /** Forgets an object. */
  forget(service: string, name: string): void {
    const left = this.of(service).filter(({ metadata }) =>
      metadata.name !== name
    );
    if (left.length === 0) this.#byService.delete(service);
    else this.#byService.set(service, left);
  }
}

function isSame(a: L2StatusRecord, b: L2StatusRecord): boolean {
  return a.metadata.name === b.metadata.name;
}

function isOlder(version: string | undefined, than: L2StatusRecord): boolean {
  return Number(version) < Number(than.metadata.resourceVersion);
}
