/** Responses, as the server sends them. */
import { compact, type JsonObject } from "./json.ts";
import type { Kind } from "./kinds.ts";
import type { ApiObject } from "./object.ts";

/** A JSON answer. */
export function answer(body: JsonObject, status = 200): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-cache, private" },
  });
}

/** A plain text answer. */
export function answerText(text: string, status: number): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** What delete answers for kinds that do not answer the object. */
export function deletedStatus(kind: Kind, { metadata }: ApiObject): JsonObject {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: compact({
      name: metadata.name,
      group: kind.group === "" ? undefined : kind.group,
      kind: kind.plural,
      uid: metadata.uid,
    }),
  };
}
