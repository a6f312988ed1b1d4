/** Lists, in pages of one consistent snapshot. */
import { compact, type JsonObject } from "./json.ts";
import type { Kind } from "./kinds.ts";
import { type ApiObject, nameOf, namespaceOf, objectKey } from "./object.ts";
import { parseSelection } from "./selectors.ts";
import { badRequest, expired, tooLargeVersion } from "./status.ts";
import { ExpiredError, type Store } from "./store.ts";

/** A page of objects and the metadata of its list. */
export interface Page {
  readonly objects: readonly ApiObject[];
  readonly metadata: JsonObject;
}

/** Where a list goes on: at which version, after which key. */
interface Continuation {
  readonly revision: number;
  readonly after: string;
}

function encodeContinuation({ revision, after }: Continuation): string {
  return btoa(JSON.stringify({ rv: revision, start: after }));
}

function decodeContinuation(token: string): Continuation {
  try {
    const { rv, start } = JSON.parse(atob(token));
    if (typeof rv === "number" && typeof start === "string") {
      return { revision: rv, after: start };
    }
  } catch {
    // Anything unreadable is answered alike.
  }
  throw badRequest("invalid continue token: continue key is not valid");
}

/** A version of the query: 0 and absent mean any. Throws a refusal (400). */
export function parseRevision(text: string | null): number {
  if (text === null || text === "") return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${
      JSON.stringify(text)
    }: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function parseLimit(text: string | null): number {
  if (text === null || text === "") return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw badRequest(
    `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function keyOf(object: ApiObject): string {
  return objectKey(namespaceOf(object), nameOf(object));
}

/** The version at which to list, and after which key. */
function startOf(store: Store, query: URLSearchParams): Continuation {
  const token = query.get("continue") ?? "";
  if (token !== "") return decodeContinuation(token);
  const wanted = parseRevision(query.get("resourceVersion"));
  if (wanted > store.revision) throw tooLargeVersion(wanted, store.revision);
  const exact = query.get("resourceVersionMatch") === "Exact";
  return { revision: exact ? wanted : store.revision, after: "" };
}

function snapshot(store: Store, kind: Kind, from: Continuation) {
  try {
    return store.list(kind, from.revision);
  } catch (error) {
    if (!(error instanceof ExpiredError)) throw error;
    if (from.after === "") {
      throw expired("The resourceVersion for the provided list is too old.");
    }
    throw expired(
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
      encodeContinuation({ revision: store.revision, after: from.after }),
    );
  }
}

/** The page that a query asks for. Throws a refusal (400, 410, 504). */
export function listPage(
  store: Store,
  { kind, namespace }: { readonly kind: Kind; readonly namespace: string },
  query: URLSearchParams,
): Page {
  const filter = parseSelection(kind, namespace, query);
  const limit = parseLimit(query.get("limit"));
  const from = startOf(store, query);
  const left = snapshot(store, kind, from)
    .filter((object) => keyOf(object) > from.after && filter(object));
  const objects = limit === 0 ? left : left.slice(0, limit);
  const last = objects.at(-1);
  const isCut = last !== undefined && objects.length < left.length;
  const isSelected = (query.get("labelSelector") ?? "") !== "" ||
    (query.get("fieldSelector") ?? "") !== "";
  return {
    objects,
    metadata: compact({
      resourceVersion: String(from.revision),
      continue: isCut
        ? encodeContinuation({ revision: from.revision, after: keyOf(last) })
        // The real server says so, in lists of custom kinds only.
        : kind.custom
        ? ""
        : undefined,
      // The real server does not count what selectors leave out.
      remainingItemCount: isCut && !isSelected
        ? left.length - objects.length
        : undefined,
    }),
  };
}
