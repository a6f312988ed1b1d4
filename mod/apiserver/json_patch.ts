/** JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7386), without changing their input. */
import { equalJson, isArray, isObject, type Json } from "./json.ts";

/** A patch that cannot be applied; the message names the operation. */
export class PatchError extends SyntaxError {
  /** Name of the class, for logs. */
  override readonly name = "PatchError";
}

/** Applies a merge patch (RFC 7386 section 2). */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Reference tokens of a JSON Pointer (RFC 6901 section 3). */
function parsePointer(pointer: Json | undefined): string[] {
  if (typeof pointer !== "string" || !/^(\/|$)/.test(pointer)) {
    throw new PatchError(
      `Cannot use ${JSON.stringify(pointer)} as a JSON Pointer`,
    );
  }
  return pointer.split("/").slice(1).map((token) =>
    token.replaceAll("~1", "/").replaceAll("~0", "~")
  );
}

/** Index of an array element; `"-"` is the one after the last (RFC 6901 section 4). */
function arrayIndex(token: string, length: number, mayAppend: boolean): number {
  if (token === "-" && mayAppend) return length;
  const index = /^(0|[1-9][0-9]*)$/.test(token) ? Number(token) : Infinity;
  if (index < length || (mayAppend && index === length)) return index;
  throw new PatchError(`Cannot find the array element "${token}"`);
}

function resolve(document: Json, tokens: readonly string[]): Json {
  let at = document;
  for (const token of tokens) {
    const next: Json | undefined = isArray(at)
      ? at[arrayIndex(token, at.length, false)]
      : isObject(at) && Object.hasOwn(at, token)
      ? at[token]
      : undefined;
    if (next === undefined) {
      throw new PatchError(`Cannot find "/${tokens.join("/")}"`);
    }
    at = next;
  }
  return at;
}

type Edit =
  | { readonly kind: "add" | "replace"; readonly value: Json }
  | { readonly kind: "remove" };

function editArray(array: readonly Json[], token: string, edit: Edit): Json[] {
  const index = arrayIndex(token, array.length, edit.kind === "add");
  switch (edit.kind) {
    case "add":
      return array.toSpliced(index, 0, edit.value);
    case "replace":
      return array.with(index, edit.value);
    case "remove":
      return array.toSpliced(index, 1);
  }
}

function editMember(parent: Json, token: string, edit: Edit): Json {
  if (isArray(parent)) return editArray(parent, token, edit);
  if (!isObject(parent)) {
    throw new PatchError(`Cannot reach "${token}" inside of a plain value`);
  }
  const members = new Map(Object.entries(parent));
  if (edit.kind !== "add" && !members.has(token)) {
    throw new PatchError(`Cannot ${edit.kind} the missing member "${token}"`);
  }
  if (edit.kind === "remove") members.delete(token);
  else members.set(token, edit.value);
  return Object.fromEntries(members);
}

/** Edits at a path; every container on the way is copied. */
function editAt(document: Json, tokens: readonly string[], edit: Edit): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) {
    if (edit.kind !== "remove") return edit.value;
    throw new PatchError("Cannot remove the whole document");
  }
  if (rest.length === 0) return editMember(document, token, edit);
  const child = resolve(document, [token]);
  const value = editAt(child, rest, edit);
  return editMember(document, token, { kind: "replace", value });
}

function required(operation: Json, field: string): Json {
  const value = isObject(operation) && Object.hasOwn(operation, field)
    ? operation[field]
    : undefined;
  if (value === undefined) {
    throw new PatchError(
      `Cannot apply an operation without the member "${field}"`,
    );
  }
  return value;
}

function move(document: Json, from: string[], to: string[]): Json {
  const isInside = from.length < to.length &&
    from.every((token, index) => token === to[index]);
  if (isInside) throw new PatchError("Cannot move a value into itself");
  const value = resolve(document, from);
  const without = editAt(document, from, { kind: "remove" });
  return editAt(without, to, { kind: "add", value });
}

function applyOperation(document: Json, operation: Json): Json {
  const op = required(operation, "op");
  const path = parsePointer(required(operation, "path"));
  switch (op) {
    case "add":
    case "replace":
      return editAt(document, path, {
        kind: op,
        value: required(operation, "value"),
      });
    case "remove":
      return editAt(document, path, { kind: "remove" });
    case "move":
      return move(document, parsePointer(required(operation, "from")), path);
    case "copy": {
      const from = parsePointer(required(operation, "from"));
      const value = resolve(document, from);
      return editAt(document, path, { kind: "add", value });
    }
    case "test":
      if (equalJson(resolve(document, path), required(operation, "value"))) {
        return document;
      }
      throw new PatchError(`Cannot confirm the value at "/${path.join("/")}"`);
    default:
      throw new PatchError(
        `Cannot apply the operation ${JSON.stringify(op)}: there is none such`,
      );
  }
}

/** Applies a JSON Patch, all of it or nothing. Throws {@linkcode PatchError}. */
export function applyJsonPatch(document: Json, patch: Json): Json {
  if (!isArray(patch)) throw new PatchError("Cannot apply a patch of no list");
  return patch.reduce<Json>(applyOperation, document);
}
