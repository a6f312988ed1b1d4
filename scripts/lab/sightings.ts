/** What the observer has seen: who says to be at which address, since when. */
import { CAPTURING, type TimedSighting } from "./sighting.ts";

/** Receives the observer's sightings and answers questions about them. */
export class Sightings {
  readonly #last = new Map<string, TimedSighting>();
  readonly #onMove: (sighting: TimedSighting) => void;
  #capturing = false;
  #waiting: ((sighting: TimedSighting) => void)[] = [];

  /**
   * @param onMove Told when an address is said to be at another MAC address
   * than before, or for the first time.
   */
  constructor(onMove: (sighting: TimedSighting) => void) {
    this.#onMove = onMove;
  }

  /** Whether the observer has begun to capture. */
  get capturing(): boolean {
    return this.#capturing;
  }

  /** Reads sightings, one JSON value per line after {@linkcode CAPTURING}. */
  async follow(lines: ReadableStream<string>): Promise<void> {
    for await (const line of lines) {
      if (line === CAPTURING) this.#capturing = true;
      else this.note(JSON.parse(line));
    }
  }

  /** Takes one in. */
  note(sighting: TimedSighting): void {
    const before = this.#last.get(sighting.ip);
    this.#last.set(sighting.ip, sighting);
    for (const tell of this.#waiting) tell(sighting);
    if (before?.mac !== sighting.mac) this.#onMove(sighting);
  }

  /**
   * Tells of every sighting from now on.
   *
   * @param tell Told of each, in the order of their times.
   * @returns Ends it.
   */
  listen(tell: (sighting: TimedSighting) => void): () => void {
    this.#waiting.push(tell);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== tell);
    };
  }

  /** Where an address was last said to be. */
  macOf(ip: string): string | undefined {
    return this.#last.get(ip)?.mac;
  }

  /**
   * Waits for the first announcement of an address at another MAC address.
   *
   * @param ip The address.
   * @param not The MAC address that does not count.
   * @returns The sighting; it never fails, so race it against a time limit.
   */
  next(ip: string, not: string): Promise<TimedSighting> {
    return new Promise((resolve) => {
      const end = this.listen((sighting) => {
        if (sighting.kind !== "announcement") return;
        if (sighting.ip !== ip || sighting.mac === not) return;
        end();
        resolve(sighting);
      });
    });
  }
}
