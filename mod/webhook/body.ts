/** Reading bodies of which nobody knows who sends them, and how long they are. */

/** The body, or why it is not read. */
export type Body =
  | { readonly kind: "text"; readonly text: string }
  /** It is longer than one request may be. */
  | { readonly kind: "tooLarge" }
  /** All requests that are being read are as long as they may be together. */
  | { readonly kind: "busy" }
  /** It is no UTF-8, or ended early. */
  | { readonly kind: "broken" };

/** Limits, in bytes. */
export interface BodyLimits {
  /** Of one body. */
  readonly each: number;
  /** Of all bodies that are held at one time. */
  readonly together: number;
}

/**
 * Reads bodies within limits: whoever can reach the port can send much of it
 * at once, and the process has other work than to hold that in its memory.
 */
export class BodyReader {
  readonly #limits: BodyLimits;
  #held = 0;

  /** A reader that holds nothing. */
  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#held;
  }

  /**
   * Reads a body and hands it over; it counts as held until `use` has ended.
   * The time for it is limited by the server.
   */
  async with<T>(
    request: Request,
    use: (body: Body) => Promise<T> | T,
  ): Promise<T> {
    const taken = { bytes: 0 };
    try {
      return await use(await this.#read(request, taken));
    } finally {
      this.#held -= taken.bytes;
    }
  }

  async #read({ body }: Request, taken: { bytes: number }): Promise<Body> {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let text = "";
    try {
      for await (const chunk of body ?? []) {
        const { length } = chunk;
        if (taken.bytes + length > this.#limits.each) {
          return { kind: "tooLarge" };
        }
        if (this.#held + length > this.#limits.together) {
          return { kind: "busy" };
        }
        taken.bytes += length;
        this.#held += length;
        text += decoder.decode(chunk, { stream: true });
      }
      return { kind: "text", text: text + decoder.decode() };
    } catch {
      // Whether the text is no UTF-8 or its sender went away: there is no body.
      return { kind: "broken" };
    }
  }
}
