import { Arbitration } from "./arbitration.ts";
import { HeldClaims } from "./held_claims.ts";
import { Observer } from "./observer.ts";

/** What this node is to the other members on one interface. */
export class Member {
  /** What is known of the others; the same on all interfaces. */
  readonly arbitration: Arbitration;
  /** What this node claims here. */
  readonly held: HeldClaims;
  /** What is seen of the others here. */
  readonly observer: Observer;

  /**
   * Begins with nothing claimed and nothing seen.
   *
   * @param arbitration What is known of the others; left out, there are none.
   * @param groupCapacity The largest index of a group.
   */
  constructor(
    arbitration: Arbitration = new Arbitration(),
    groupCapacity: number = 0,
  ) {
    this.arbitration = arbitration;
    this.held = new HeldClaims(groupCapacity);
    this.observer = new Observer(arbitration);
  }
}
