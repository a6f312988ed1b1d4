import {
  dumpAddresses,
  dumpLinks,
  LinkMonitor,
  NativeError,
  type NativeLibrary,
} from "../ffi/mod.ts";
import { type InterfaceSurvey, InterfaceTracker } from "../mod/layer2/mod.ts";
import { decodeAddresses, decodeLinks, WireError } from "../mod/net/mod.ts";

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
  /** Talks to the kernel. */
  readonly library: NativeLibrary;
  /** Milliseconds between two looks for notices of the kernel. Default 100. */
  readonly noticeInterval?: number;
  /** Milliseconds after which a scan is made without a notice. Default 10,000. */
  readonly scanInterval?: number;
}

/**
 * Follows the machine's interfaces: a scan at once when the kernel tells of a
 * change, and one now and then in any case. On a node with hundreds of Pods a
 * scan is not cheap.
 */
export class InterfaceScanner implements Disposable {
  readonly #options: InterfaceScannerOptions;
  readonly #tracker: InterfaceTracker;
  readonly #monitor: LinkMonitor;
  readonly #looksPerScan: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looks = 0;
  #survey: InterfaceSurvey | undefined;

  /**
   * Makes the first scan.
   *
   * @throws {NativeError} When the kernel refuses.
   * @throws {WireError} When its answer is malformed.
   */
  constructor(options: InterfaceScannerOptions) {
    const { noticeInterval = 100, scanInterval = 10_000 } = options;
    this.#options = options;
    this.#tracker = new InterfaceTracker(options.exclude);
    this.#monitor = new LinkMonitor(options.library);
    this.#looksPerScan = Math.max(1, Math.round(scanInterval / noticeInterval));
    try {
      this.scan();
    } catch (error) {
      this.#monitor.close();
      throw error;
    }
    this.#timer = setInterval(() => this.#look(), noticeInterval);
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
    this.#looks = 0;
    const { library, onSurvey } = this.#options;
    const isFirst = this.#survey === undefined;
    const survey = this.#tracker.update(
      decodeLinks(dumpLinks(library)),
      decodeAddresses(dumpAddresses(library)),
    );
    this.#survey = survey;
    if (isFirst || survey.changes.length > 0) onSurvey(survey);
  }

  /** Stops following. A second call does nothing. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#monitor.close();
  }

  /** Same as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #look(): void {
    this.#looks++;
    try {
      const isNoticed = this.#monitor.drain();
      if (isNoticed || this.#looks >= this.#looksPerScan) this.scan();
    } catch (error) {
      if (!(error instanceof NativeError || error instanceof WireError)) {
        throw error;
      }
      this.#options.onError(error);
    }
  }
}
