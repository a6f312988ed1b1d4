import { assertEquals, assertThrows } from "@std/assert";
import { NativeError } from "../ffi/mod.ts";
import { ManualClock } from "../tests/manual_clock.ts";
import { InterfaceScanner } from "./interfaces.ts";

/** A scanner on a machine without interfaces, and what it did. */
class Scanned implements Disposable {
  readonly clock = new ManualClock();
  /** When it scanned. */
  readonly scans: number[] = [];
  readonly errors: string[] = [];
  readonly scanner: InterfaceScanner;
  isRefused = false;

  constructor() {
    this.scanner = new InterfaceScanner({
      clock: this.clock,
      dumpLinks: () => this.#dump(),
      dumpAddresses: () => new Uint8Array(),
      exclude: [],
      onSurvey: () => {},
      onError: ({ message }) => this.errors.push(message),
    });
  }

  #dump(): Uint8Array {
    this.scans.push(this.clock.now());
    if (!this.isRefused) return new Uint8Array();
    throw new NativeError("no", {
      operation: "rtnetlink",
      reason: "netlinkRefused",
    });
  }

  /** Tells of changes at these times, up to the last of them. */
  async notice(...times: readonly number[]): Promise<void> {
    for (const time of times) {
      await this.clock.advance(time - this.clock.now());
      this.scanner.noticed();
    }
  }

  [Symbol.dispose](): void {
    this.scanner.close();
  }
}

/** When changes are told, and when a scanner scans within 1 s, one at 0 included. */
const CASES: Readonly<
  Record<string, { readonly told: number[]; readonly scans: number[] }>
> = {
  "without a notice": { told: [], scans: [0] },
  "at once for one": { told: [500], scans: [0, 500] },
  "at once for two that are apart": { told: [300, 500], scans: [0, 300, 500] },
  "once more for a burst": { told: [500, 501, 540], scans: [0, 500, 600] },
  "100 ms after the last scan": { told: [30], scans: [0, 100] },
  "ten times a second for a storm": {
    told: Array.from({ length: 35 }, (_, i) => 500 + i * 10),
    scans: [0, 500, 600, 700, 800, 900],
  },
};

for (const [name, { told, scans }] of Object.entries(CASES)) {
  Deno.test(`InterfaceScanner scans ${name}`, async () => {
    using scanned = new Scanned();
    await scanned.notice(...told);
    await scanned.clock.advance(999 - scanned.clock.now());
    assertEquals(scanned.scans, scans);
  });
}

Deno.test("InterfaceScanner scans every 30 s, counted from the last scan", async () => {
  using scanned = new Scanned();
  await scanned.notice(4000);
  await scanned.clock.advance(60_000);
  assertEquals(scanned.scans, [0, 4000, 34_000, 64_000]);
});

Deno.test("InterfaceScanner goes on after a refusal", async () => {
  using scanned = new Scanned();
  scanned.isRefused = true;
  await scanned.notice(500);
  assertEquals(scanned.errors, ["no"]);
  scanned.isRefused = false;
  await scanned.notice(600);
  await scanned.clock.advance(30_000);
  assertEquals(scanned.scans, [0, 500, 600, 30_600]);
  assertEquals(scanned.errors, ["no"]);
});

Deno.test("InterfaceScanner that was closed scans no more", async () => {
  const scanned = new Scanned();
  await scanned.notice(500, 510);
  scanned.scanner.close();
  scanned.scanner.noticed();
  await scanned.clock.advance(60_000);
  assertEquals(scanned.scans, [0, 500]);
  assertEquals(scanned.clock.sleeping, 0);
});

Deno.test("InterfaceScanner throws what refuses its first scan", () => {
  assertThrows(() => {
    new InterfaceScanner({
      clock: new ManualClock(),
      dumpLinks: () => {
        throw new NativeError("no", {
          operation: "rtnetlink",
          reason: "netlinkRefused",
        });
      },
      dumpAddresses: () => new Uint8Array(),
      exclude: [],
      onSurvey: () => {},
      onError: () => {},
    });
  }, NativeError);
});
