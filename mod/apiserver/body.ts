/** Reading of request bodies. */
import { type ApiObject, asApiObject, withMetadata } from "./object.ts";
import type { Json } from "./json.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import { badRequest, tooLarge, unsupportedMediaType } from "./status.ts";

/** Most bytes of a body, as in the real server. */
export const MAX_BODY = 3_145_728;

/** The media type of a request's body without parameters, in lower case. */
export function contentTypeOf(request: Request): string {
  const header = request.headers.get("content-type") ?? "application/json";
  return (header.split(";")[0] ?? "").trim().toLowerCase();
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  if (request.body === null) return text;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > MAX_BODY) throw tooLarge(MAX_BODY);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The body as JSON, undefined if there is none. Throws a refusal (400, 413). */
export async function readJson(request: Request): Promise<Json | undefined> {
  const text = await readText(request);
  if (text.trim() === "") return undefined;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(
      `the object provided is unrecognized: json parse error: ${why}`,
    );
  }
}

/** The body of a create or update. Throws a refusal (400, 413, 415). */
export async function readObject(request: Request): Promise<Json | undefined> {
  const type = contentTypeOf(request);
  if (type === "application/json") return await readJson(request);
  throw unsupportedMediaType(
    "the body of the request was in an unknown format - accepted media types include: application/json",
  );
}

/** A patch's body; that of an apply patch is YAML and refused unread. */
export async function readPatch(request: Request): Promise<Json | undefined> {
  const type = contentTypeOf(request);
  return type.startsWith("application/apply-patch")
    ? undefined
    : await readJson(request);
}

/** Where a request says that its object is. */
export interface Address {
  readonly kind: Kind;
  /** `""` for kinds without namespaces. */
  readonly namespace: string;
  /** Absent at creation. */
  readonly name?: string;
}

function checkType(kind: Kind, object: ApiObject): void {
  const expected = apiVersionOf(kind);
  const { apiVersion = "", kind: given = "" } = object;
  // Built-in kinds may leave out what the address says already.
  const mayOmit = !kind.custom;
  if (apiVersion !== expected && !(mayOmit && apiVersion === "")) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (given !== kind.kind && !(mayOmit && given === "")) {
    throw badRequest(
      `${given} in version "${kind.version}" cannot be handled as a ${kind.kind}`,
    );
  }
}

/**
 * The object of a body, with kind, version, namespace and name filled in from
 * its address. Throws a refusal (400) if they contradict.
 */
export function checkedObject(
  body: Json | undefined,
  { kind, namespace, name }: Address,
): ApiObject {
  const object = asApiObject(body);
  if (object === undefined) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind})`,
    );
  }
  checkType(kind, object);
  const { metadata } = object;
  if ((metadata.namespace ?? namespace) !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  const given = metadata.name ?? "";
  if (name !== undefined && given !== "" && given !== name) {
    throw badRequest(
      `the name of the object (${given}) does not match the name on the URL (${name})`,
    );
  }
  const placed = withMetadata(object, {
    ...(name === undefined ? {} : { name }),
    ...(namespace === "" ? {} : { namespace }),
  });
  return { ...placed, apiVersion: apiVersionOf(kind), kind: kind.kind };
}
