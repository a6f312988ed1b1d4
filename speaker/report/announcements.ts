/** What this node announces for which Service, and since when. */
import type { DesiredAddress } from "../../mod/layer2/mod.ts";
import { formatIp } from "../../mod/net/mod.ts";
import type { L2Announcement } from "../../mod/report/mod.ts";
import { type Announced, possible, type UsableInterface } from "../outcomes.ts";

/** What a node announces for a Service. */
export interface Announcement extends L2Announcement {
  /** When it began, RFC 3339. */
  readonly since: string;
}

/**
 * What a node announces for a Service, where it can. An advertisement may name
 * interfaces that the node does not have, or that are without the address's
 * family.
 *
 * @param usable The interfaces that can be used.
 * @returns `undefined` = nothing.
 */
export function announcementOf(
  announced: readonly Announced[],
  usable: readonly UsableInterface[],
): L2Announcement | undefined {
  const [first, ...others] = possible(announced, usable);
  if (first === undefined) return undefined;
  const all = [first, ...others];
  return {
    ips: all.flatMap(({ ips }) => ips.map(formatIp)).join(),
    interfaces: uniteAll(all.map(({ interfaces }) => interfaces)),
  };
}

const ALL: readonly string[] = [];

/** MetalLB writes no names for all interfaces. */
function uniteAll(
  each: readonly DesiredAddress["interfaces"][],
): readonly string[] {
  const names = each.flatMap((interfaces) =>
    interfaces === "all" ? [] : [interfaces]
  );
  if (names.length < each.length) return ALL;
  return [...new Set(names.flat())].sort();
}

/** Follows the announcements. */
export class Announcements {
  readonly #known = new Map<string, Announcement>();

  /** Services that are announced. */
  get services(): Iterable<string> {
    return this.#known.keys();
  }

  /** What is announced for a Service; `undefined` = nothing. */
  of(service: string): Announcement | undefined {
    return this.#known.get(service);
  }

  /**
   * Takes in what is announced now.
   *
   * @param now The present, RFC 3339.
   * @returns The Services for which it is different.
   */
  update(
    present: ReadonlyMap<string, L2Announcement>,
    now: string,
  ): readonly string[] {
    const changed: string[] = [];
    for (const service of this.#known.keys()) {
      if (present.has(service)) continue;
      this.#known.delete(service);
      changed.push(service);
    }
    for (const [service, { ips, interfaces }] of present) {
      const known = this.#known.get(service);
      if (known !== undefined && isEqual(known, { ips, interfaces })) continue;
      const since = known?.since ?? now;
      this.#known.set(service, { ips, interfaces, since });
      changed.push(service);
    }
    return changed;
  }
}

function isEqual(a: L2Announcement, b: L2Announcement): boolean {
  return a.ips === b.ips && a.interfaces.join("/") === b.interfaces.join("/");
}
