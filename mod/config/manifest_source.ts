/** Reads the objects of manifests, with the places at which they stand. */
import { parse, YamlSyntaxError } from "@std/yaml";
import { lineOf } from "./yaml_lines.ts";

/** A file of manifests. */
export interface ManifestFile {
  /** As it is to be shown. */
  readonly name: string;
  /** YAML of any number of documents, or JSON. */
  readonly text: string;
}

/** Any object of a manifest. */
export interface SourceObject {
  /** Name of the file. */
  readonly file: string;
  /** `kind`; `""` when there is none. */
  readonly kind: string;
  /** `apiVersion`; `""` when there is none. */
  readonly apiVersion: string;
  /** `metadata.name`; `""` when there is none. */
  readonly name: string;
  /** The object. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Line of a field of the object, from 1; of the object itself for `""`. */
  readonly line: (field: string) => number;
}

/** A document that is no object of Kubernetes. */
export interface UnreadableDocument {
  /** Name of the file. */
  readonly file: string;
  /** Line, from 1. */
  readonly line: number;
  /** What is wrong. */
  readonly message: string;
}

/** What a file holds. */
export interface ManifestContent {
  /** The objects, those of lists one by one. */
  readonly objects: readonly SourceObject[];
  /** Documents that are none. */
  readonly unreadable: readonly UnreadableDocument[];
}

type Json = Readonly<Record<string, unknown>>;

/** Reads the objects of a file. Never throws, whatever it holds. */
export function readManifests({ name, text }: ManifestFile): ManifestContent {
  const objects: SourceObject[] = [];
  const unreadable: UnreadableDocument[] = [];
  for (const { start, lines } of documentsOf(text)) {
    try {
      const value = parse(lines.join("\n"), { schema: "core" });
      if (value === null || value === undefined) continue;
      if (!isObject(value)) {
        const line = start + lineOf(lines, "") + 1;
        const message = "Cannot use a document that is no object";
        unreadable.push({ file: name, line, message });
        continue;
      }
      const whole = { file: name, start, lines };
      objects.push(...objectsOf(value, whole));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const at = error instanceof YamlSyntaxError ? error.line : 1;
      const [message = ""] = error.message.split("\n");
      const line = start + Math.min(at, lines.length);
      const cleaned = message.replace(/ at line \d+, column \d+:?$/, "");
      unreadable.push({ file: name, line, message: cleaned });
    }
  }
  return { objects, unreadable };
}

interface Document {
  /** Lines before it in the file. */
  readonly start: number;
  readonly lines: readonly string[];
}

function documentsOf(text: string): readonly Document[] {
  const documents: { start: number; lines: string[] }[] = [];
  let lines: string[] = [];
  documents.push({ start: 0, lines });
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^---(\s|$)/.test(line)) {
      // Something may follow on the line, and it keeps its column.
      lines = [`   ${line.slice(3)}`];
      documents.push({ start: index, lines });
    } else if (!/^\.\.\.\s*$/.test(line)) {
      lines.push(line);
    } else {
      lines.push("");
    }
  }
  return documents;
}

function objectsOf(
  value: Json,
  document: Document & { readonly file: string },
  path = "",
): readonly SourceObject[] {
  const { kind, apiVersion, items } = value;
  if (typeof kind === "string" && kind.endsWith("List") && isList(items)) {
    return items.flatMap((item, index) =>
      isObject(item) ? objectsOf(item, document, `${path}items[${index}].`) : []
    );
  }
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const { name } = metadata;
  return [{
    file: document.file,
    kind: typeof kind === "string" ? kind : "",
    apiVersion: typeof apiVersion === "string" ? apiVersion : "",
    name: typeof name === "string" ? name : "",
    raw: value,
    line: (field) =>
      document.start + 1 +
      lineOf(document.lines, (path + field).replace(/\.$/, "")),
  }];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
