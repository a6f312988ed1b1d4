/**
 * The lab's own access to the API, as a user with kubectl would have: it
 * shares no code with the roles that it watches.
 */
import type { KubeObject } from "../../mod/kube/mod.ts";
import { LabError } from "./lab_error.ts";
import { TextLineStream } from "./text_lines.ts";

/** Calls the API server; `path` begins with a slash. */
export type ApiFetch = (path: string, init?: RequestInit) => Promise<Response>;

/** A change of one object. */
export interface Change<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

interface List<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string };
}

/** Path of a namespaced or cluster-wide collection. */
export function collection(
  apiVersion: string,
  plural: string,
  namespace?: string,
): string {
  const root = apiVersion.includes("/")
    ? `/apis/${apiVersion}`
    : `/api/${apiVersion}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${namespace}/${plural}`;
}

/** The calls that the lab makes. Each throws a {@linkcode LabError}. */
export class LabApi {
  readonly #fetch: ApiFetch;

  /** Takes the way to the server. */
  constructor(fetch: ApiFetch) {
    this.#fetch = fetch;
  }

  async #call(path: string, init?: RequestInit): Promise<Response> {
    const response = await this.#fetch(path, init);
    if (response.ok) return response;
    const detail = await response.text();
    const method = init?.method ?? "GET";
    throw new LabError(
      `The API server answers ${response.status} to ${method} ${path}`,
      { detail },
    );
  }

  /** Creates an object in a collection. */
  async create<T extends KubeObject>(path: string, object: T): Promise<T> {
    const response = await this.#call(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(object),
    });
    return await response.json();
  }

  /** Merges `body` into an object (RFC 7386). */
  async merge(path: string, body: unknown): Promise<void> {
    const response = await this.#call(path, {
      method: "PATCH",
      headers: { "content-type": "application/merge-patch+json" },
      body: JSON.stringify(body),
    });
    await response.body?.cancel();
  }

  /** Deletes an object. */
  async delete(path: string): Promise<void> {
    const response = await this.#call(path, { method: "DELETE" });
    await response.body?.cancel();
  }

  /** Reads one object. */
  async get<T extends KubeObject>(path: string): Promise<T> {
    return await (await this.#call(path)).json();
  }

  /** Reads a whole collection. */
  async list<T extends KubeObject>(path: string): Promise<List<T>> {
    return await (await this.#call(path)).json();
  }

  /** Follows a collection from a version on until the server ends it. */
  async *watch<T extends KubeObject>(
    path: string,
    resourceVersion: string,
  ): AsyncGenerator<Change<T>> {
    const { body } = await this.#call(
      `${path}?watch=1&resourceVersion=${resourceVersion}`,
    );
    if (body === null) return;
    const lines = body.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      const event = JSON.parse(line);
      if (event.type === "ERROR") return;
      if (event.type !== "BOOKMARK") yield event;
    }
  }
}
