/** Watches: a stream of events from a version on, as JSON lines. */
import type { Faults, WatchEnd } from "./faults.ts";
import type { JsonObject } from "./json.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import type { ApiObject } from "./object.ts";
import { type Presentation, presentObject } from "./representation.ts";
import type { Filter } from "./selectors.ts";
import { expired } from "./status.ts";
import { type Change, ExpiredError, type Store } from "./store.ts";

/** Calls `callback` after `ms`; the result cancels that. */
export type Schedule = (ms: number, callback: () => void) => () => void;

/** Where a watch begins: with what there is, or after a version. */
export type WatchStart =
  | { readonly kind: "initial"; readonly markEnd: boolean }
  | { readonly kind: "after"; readonly revision: number };

/** What a watch is asked for. */
export interface WatchOptions {
  readonly kind: Kind;
  readonly filter: Filter;
  readonly start: WatchStart;
  readonly bookmarks: boolean;
  /** Pause between bookmarks, in ms. */
  readonly bookmarkMs: number;
  readonly timeoutMs: number;
  /** Form of the objects, at the time of each event. */
  readonly present: () => Presentation;
}

/** What a watch runs on. */
export interface WatchContext {
  readonly store: Store;
  readonly faults: Faults;
  readonly schedule: Schedule;
}

/** Most events that wait for a slow client; then its watch ends, as in the real server. */
const MAX_WAITING = 10_000;

/** What a change means to a watch: objects come into view and leave it. */
function eventOf(
  change: Change,
  filter: Filter,
): { type: "ADDED" | "MODIFIED" | "DELETED"; object: ApiObject } | undefined {
  const was = change.type !== "ADDED" && filter(change.previous);
  const is = change.type !== "DELETED" && filter(change.object);
  if (!was && !is) return undefined;
  const type = was && is ? "MODIFIED" : is ? "ADDED" : "DELETED";
  // What leaves the view is shown as it was in it, at the version of the change.
  const { resourceVersion = "" } = change.object.metadata;
  const object = type === "DELETED" && change.type === "MODIFIED"
    ? {
      ...change.previous,
      metadata: { ...change.previous.metadata, resourceVersion },
    }
    : change.object;
  return { type, object };
}

class WatchStream {
  readonly #options: WatchOptions;
  readonly #context: WatchContext;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #cleanUps: (() => void)[] = [];
  #held: string[] | undefined;
  #isFirst = true;
  #open = true;

  constructor(
    options: WatchOptions,
    context: WatchContext,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ) {
    this.#options = options;
    this.#context = context;
    this.#controller = controller;
  }

  start(): void {
    const { store, faults, schedule } = this.#context;
    const { bookmarks, bookmarkMs, timeoutMs } = this.#options;
    this.#cleanUps.push(faults.register((end) => this.end(end)));
    if (!this.#begin()) return this.end("close");
    this.#cleanUps.push(
      store.subscribe((change) => this.#change(change)),
      schedule(timeoutMs, () => {
        if (bookmarks) this.#bookmark();
        this.end("close");
      }),
    );
    if (bookmarks) this.#repeatBookmarks(bookmarkMs);
  }

  /** Ends the stream and everything that feeds it; once only. */
  end(end: WatchEnd): void {
    if (!this.#open) return;
    this.stop();
    if (end === "close") this.#controller.close();
    else this.#controller.error(new Error("The watch was dropped"));
  }

  /** Stops feeding a stream that the client has left. */
  stop(): void {
    this.#open = false;
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
  }

  /** Sends what comes before live events; false if the version is gone. */
  #begin(): boolean {
    const { store } = this.#context;
    const { kind, filter, start } = this.#options;
    if (start.kind === "initial") {
      for (const object of store.list(kind)) {
        if (filter(object)) this.#event("ADDED", object);
      }
      if (start.markEnd) {
        this.#bookmark({ "k8s.io/initial-events-end": "true" });
      }
      return true;
    }
    try {
      // A version of the future waits: nothing of it has happened yet.
      const changes = store.changesSince(start.revision);
      for (const change of changes) this.#change(change);
      return true;
    } catch (error) {
      if (!(error instanceof ExpiredError)) throw error;
      const message =
        `too old resource version: ${error.revision} (${error.oldest})`;
      this.#send({ type: "ERROR", object: expired(message).toStatus() });
      return false;
    }
  }

  #change(change: Change): void {
    if (change.kind !== this.#options.kind || !this.#open) return;
    const event = eventOf(change, this.#options.filter);
    if (event !== undefined) this.#event(event.type, event.object);
  }

  #event(type: string, object: ApiObject): void {
    const presentation = this.#options.present();
    const shown = presentObject(presentation, object, this.#isFirst);
    this.#isFirst = false;
    this.#send({ type, object: shown });
  }

  #bookmark(annotations?: JsonObject): void {
    const { kind } = this.#options;
    const resourceVersion = String(this.#context.store.revision);
    this.#send({
      type: "BOOKMARK",
      object: {
        kind: kind.kind,
        apiVersion: apiVersionOf(kind),
        metadata: {
          resourceVersion,
          creationTimestamp: null,
          ...(annotations === undefined ? {} : { annotations }),
        },
      },
    });
  }

  #repeatBookmarks(ms: number): void {
    let cancel = () => {};
    const next = () => {
      cancel = this.#context.schedule(ms, () => {
        this.#bookmark();
        if (this.#open) next();
      });
    };
    next();
    this.#cleanUps.push(() => cancel());
  }

  #send(event: JsonObject): void {
    const line = `${JSON.stringify(event)}\n`;
    const { faults } = this.#context;
    if (this.#held !== undefined) this.#held.push(line);
    else if (faults.paused) this.#hold(line);
    else this.#enqueue(line);
  }

  #hold(line: string): void {
    this.#held = [line];
    this.#context.faults.whenRunning().then(() => {
      const lines = this.#held ?? [];
      this.#held = undefined;
      for (const held of lines) this.#enqueue(held);
    });
  }

  #enqueue(line: string): void {
    if (!this.#open) return;
    if ((this.#controller.desiredSize ?? 0) < -MAX_WAITING) {
      return this.end("close");
    }
    this.#controller.enqueue(this.#encoder.encode(line));
  }
}

/** Opens a watch; cancelling the stream ends it. */
export function openWatch(
  options: WatchOptions,
  context: WatchContext,
): ReadableStream<Uint8Array> {
  let stream: WatchStream | undefined;
  return new ReadableStream({
    start(controller) {
      stream = new WatchStream(options, context, controller);
      stream.start();
    },
    cancel() {
      stream?.stop();
    },
  });
}
