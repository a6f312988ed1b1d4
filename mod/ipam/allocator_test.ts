/**
 * The indexes of the allocator against the plain rules over its records, also
 * while Services that may not share an address both hold it: a duplicate that
 * was found, and has not ended yet.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatIp, type Ip, parseIp, parsePrefix } from "../net/mod.ts";
import { type Allocation, Allocator, type SharingClaim } from "./mod.ts";

const ADDRESSES = ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"];

type Action =
  | { readonly kind: "hold"; readonly claim: SharingClaim; readonly ip: string }
  | { readonly kind: "release" | "dropRetired"; readonly key: string }
  /** What it holds stays in its status for a while. */
  | { readonly kind: "retire"; readonly key: string };

const KEY = fc.constantFrom("n/a", "n/b", "n/c", "n/d");

const CLAIM: fc.Arbitrary<SharingClaim> = fc.record({
  key: KEY,
  sharingKey: fc.constantFrom("", "k", "k", "z"),
  backendKey: fc.constantFrom("", "", "app=x"),
  ports: fc.constantFrom(["TCP/80"], ["TCP/81"], ["TCP/80", "UDP/53"]),
});

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("hold"),
      claim: CLAIM,
      ip: fc.constantFrom(...ADDRESSES.slice(0, 3)),
    }),
  },
  fc.record({ kind: fc.constantFrom("release", "dropRetired"), key: KEY }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("retire"), key: KEY }),
  },
);

/** The allocator, and beside it a list of who uses which address. */
class Model {
  readonly allocator = new Allocator();
  readonly held = new Map<string, Allocation>();
  readonly retired = new Map<string, readonly Allocation[]>();

  constructor() {
    this.allocator.setPools([{
      name: "p",
      prefixes: [parsePrefix("192.0.2.0/30")],
      autoAssign: true,
      avoidBuggyIPs: false,
    }]);
  }

  act(action: Action): void {
    switch (action.kind) {
      case "hold": {
        const { claim, ip } = action;
        const allocation = { ...claim, ips: [parseIp(ip)], pool: "p" };
        this.allocator.hold(allocation);
        this.held.set(claim.key, allocation);
        this.#forget(claim.key, (one) => formatIp(one) !== ip);
        return;
      }
      case "release":
        this.allocator.release(action.key);
        this.held.delete(action.key);
        return;
      case "dropRetired":
        this.allocator.dropRetired(action.key);
        this.#forget(action.key, () => false);
        return;
      case "retire": {
        const allocation = this.held.get(action.key);
        if (allocation === undefined) return;
        this.allocator.release(action.key);
        this.held.delete(action.key);
        this.allocator.retire(allocation);
        const before = this.retired.get(action.key) ?? [];
        this.retired.set(action.key, [...before, allocation]);
      }
    }
  }

  #forget(key: string, isKept: (ip: Ip) => boolean): void {
    const left = (this.retired.get(key) ?? [])
      .filter(({ ips }) => ips.every(isKept));
    this.retired.set(key, left);
  }

  /** Whether nobody else's use of an address is in the way of a claim. */
  isOpen(ip: string, claim: SharingClaim): boolean {
    return [...this.held.values(), ...[...this.retired.values()].flat()]
      .filter((one) => one.key !== claim.key)
      .filter(({ ips }) => ips.some((held) => formatIp(held) === ip))
      .every((one) =>
        claim.sharingKey !== "" && one.sharingKey === claim.sharingKey &&
        one.backendKey === claim.backendKey &&
        !one.ports.some((port) => claim.ports.includes(port))
      );
  }

  check(claim: SharingClaim): void {
    const open = ADDRESSES.filter((ip) => this.isOpen(ip, claim));
    const free = ADDRESSES.filter((ip) =>
      this.allocator.conflict(parseIp(ip), claim) === undefined
    );
    assertEquals(free, open, "conflict()");
    const lowest = this.allocator.lowest("p", "IPv4", claim);
    const found = lowest === undefined ? undefined : formatIp(lowest);
    assertEquals(found, open[0], "lowest()");
  }
}

Deno.test("Allocator tells what is open to whom, in any state of its records", {
  permissions: "none",
}, () => {
  const histories = fc.array(ACTION, { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(histories, fc.array(CLAIM), (actions, claims) => {
      const model = new Model();
      for (const action of actions) {
        model.act(action);
        for (const claim of claims) model.check(claim);
      }
    }),
    { numRuns: 500 },
  );
});
