import { NativeError } from "../ffi/mod.ts";
import { type InterfaceSurvey, InterfaceTracker } from "../mod/layer2/mod.ts";
import { decodeAddresses, decodeLinks, WireError } from "../mod/net/mod.ts";
import { Alarm, type Clock } from "../mod/time/mod.ts";

/** What is scanned for, and who is told. */
export interface ScanOptions {
  /** Interfaces whose name one of these matches are left alone. */
  readonly exclude: readonly RegExp[];
  /** Called with every scan that found something different, and with the first. */
  readonly onSurvey: (survey: InterfaceSurvey) => void;
  /** Called when a scan failed; it is tried again. */
  readonly onError: (error: Error) => void;
}

/** Settings of an {@linkcode InterfaceScanner}. */
export interface InterfaceScannerOptions extends ScanOptions {
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Gives all interfaces, as rtnetlink messages. */
  readonly dumpLinks: () => Uint8Array;
  /** Gives all addresses of interfaces, as rtnetlink messages. */
  readonly dumpAddresses: () => Uint8Array;
}

/** Between two scans at least, in ms: changes come in bursts. */
const PAUSE = 100;
/** Time after which a scan is made without a notice, in ms. */
const INTERVAL = 30_000;

/**
 * Follows the machine's interfaces: a scan at once when the kernel tells of a
 * change, and one now and then in any case. On a node with hundreds of Pods a
 * scan is not cheap.
 */
export class InterfaceScanner implements Disposable {
  readonly #options: InterfaceScannerOptions;
  readonly #tracker: InterfaceTracker;
  readonly #alarm: Alarm;
  #isClosed = false;
  #scannedAt = -Infinity;
  #isNoticed = false;
  #survey: InterfaceSurvey | undefined;

  /**
   * Makes the first scan.
   *
   * @throws {NativeError} When the kernel refuses.
   * @throws {WireError} When its answer is malformed.
   */
  constructor(options: InterfaceScannerOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#look());
    this.#tracker = new InterfaceTracker(options.exclude);
    this.scan();
    this.#scanAt(this.#scannedAt + INTERVAL);
  }

  /** What the newest scan found. */
  get survey(): InterfaceSurvey | undefined {
    return this.#survey;
  }

  /**
   * Scans now.
   *
   * @throws {NativeError} When the kernel refuses.
   * @throws {WireError} When its answer is malformed.
   */
  scan(): void {
    const { clock, dumpLinks, dumpAddresses, onSurvey } = this.#options;
    this.#scannedAt = clock.now();
    const isFirst = this.#survey === undefined;
    const survey = this.#tracker.update(
      decodeLinks(dumpLinks()),
      decodeAddresses(dumpAddresses()),
    );
    this.#survey = survey;
    if (isFirst || survey.changes.length > 0) onSurvey(survey);
  }

  /** Takes in that the kernel told of a change: a scan follows within 100 ms. */
  noticed(): void {
    if (this.#isNoticed || this.#isClosed) return;
    this.#isNoticed = true;
    this.#scanAt(this.#scannedAt + PAUSE);
  }

  /** Stops following. A second call does nothing. */
  close(): void {
    this.#isClosed = true;
    this.#alarm.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #scanAt(time: number): void {
    if (time <= this.#options.clock.now()) this.#look();
    else this.#alarm.set(time);
  }

  #look(): void {
    this.#isNoticed = false;
    try {
      this.scan();
    } catch (error) {
      if (!(error instanceof NativeError || error instanceof WireError)) {
        throw error;
      }
      this.#options.onError(error);
    }
    // Who is told of a scan may have closed this.
    if (!this.#isClosed) this.#scanAt(this.#scannedAt + INTERVAL);
  }
}
