/**
 * Deno lint plugin: the direction of imports, no `Deno.*` in `mod/`, no
 * `console` outside tools, and no empty file: a test that was lost in a merge
 * fails nowhere.
 *
 * The table below is the one in ARCHITECTURE.md; a change here is a change of
 * the architecture.
 */

/** Top-level folder (or root file) → folders that it may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["controller", "speaker", "mod", "scripts"],
  mod: ["mod"],
  ffi: ["ffi"],
  controller: ["controller", "mod"],
  speaker: ["speaker", "mod", "ffi"],
  scripts: ["scripts", "controller", "speaker", "mod", "ffi", "tests"],
  tests: ["tests", "scripts", "controller", "speaker", "mod", "ffi", "main.ts"],
};

/** Folder of `mod/` → sibling folders that it may import. */
const MOD_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  net: [],
  crypto: [],
  layer2: ["net", "crypto"],
  ownership: ["net", "crypto"],
  swim: ["net"],
  claims: ["ownership"],
  forwarding: [],
  leader: [],
  ipam: ["net"],
  kube: ["time"],
  crd: ["net"],
  config: ["net", "crd", "kube", "ownership", "ipam", "swim"],
  apiserver: ["kube"],
  plan: [],
  ping: ["net", "layer2"],
  explain: ["net", "config", "ownership"],
  certificates: [],
  cli: [],
  telemetry: [],
  webhook: ["certificates", "config", "crd", "kube"],
  time: [],
  memory: ["time"],
  work: ["time"],
  report: ["config", "kube", "time"],
  scrape: ["net"],
  role: [
    "certificates",
    "cli",
    "kube",
    "memory",
    "scrape",
    "telemetry",
    "time",
  ],
};

/** Where a path of the checkout belongs: top-level folder and, in `mod/`, its folder. */
interface Place {
  readonly top: string;
  readonly folder: string;
  readonly file: string;
  readonly isTest: boolean;
}

function locate(path: string, root: string): Place | undefined {
  if (!path.startsWith(root)) return undefined;
  const parts = path.slice(root.length).split("/");
  const top = parts[0] ?? "";
  return {
    top,
    folder: parts.length > 2 ? parts[1] ?? "" : "",
    file: parts.at(-1) ?? "",
    isTest: path.endsWith("_test.ts") || path.endsWith("_bench.ts"),
  };
}

function refusal(from: Place, to: Place): string | undefined {
  if (from.isTest && to.top === "tests") return undefined;
  if (!(MAY_IMPORT[from.top] ?? []).includes(to.top)) {
    return `"${from.top}" may not import from "${to.top}"`;
  }
  if (from.top === "mod" && to.top === "mod" && from.folder !== to.folder) {
    if (
      !from.isTest && !(MOD_MAY_IMPORT[from.folder] ?? []).includes(to.folder)
    ) {
      return `"mod/${from.folder}" may not import from "mod/${to.folder}"`;
    }
  }
  const crossesFolder = from.top !== to.top || from.folder !== to.folder;
  if (crossesFolder && to.top === "mod" && to.file !== "mod.ts") {
    return `import "mod/${to.folder}" through its door, mod.ts`;
  }
  return undefined;
}

/** The checkout's root: the folder above the one that holds this plugin. */
const ROOT = new URL("../", import.meta.url).pathname;

function check(
  context: Deno.lint.RuleContext,
  node: Deno.lint.Node,
  specifier: string,
): void {
  if (!specifier.startsWith(".")) return;
  const from = locate(context.filename, ROOT);
  const to = locate(
    new URL(specifier, `file://${context.filename}`).pathname,
    ROOT,
  );
  if (from === undefined || to === undefined) return;
  const message = refusal(from, to);
  if (message !== undefined) context.report({ node, message });
}

function sourceText(source: unknown): string | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  const { value } = source as { value?: unknown };
  return typeof value === "string" ? value : undefined;
}

const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: {
    "import-direction": {
      create(context): Deno.lint.LintVisitor {
        const visit = (node: Deno.lint.Node & { source?: unknown }): void => {
          const specifier = sourceText(node.source);
          if (specifier !== undefined) check(context, node, specifier);
        };
        return {
          ImportDeclaration: visit,
          ExportNamedDeclaration: visit,
          ExportAllDeclaration: visit,
          ImportExpression: visit,
        };
      },
    },
    "logs-not-console": {
      create(context): Deno.lint.LintVisitor {
        const here = locate(context.filename, ROOT);
        const speaks = ["scripts", "tests", "main.ts"];
        if (here === undefined || speaks.includes(here.top)) return {};
        return {
          "MemberExpression[object.name='console']"(node): void {
            context.report({
              node,
              message: "log through LogTape, not console",
            });
          },
        };
      },
    },
    "no-empty-file": {
      create(context): Deno.lint.LintVisitor {
        return {
          Program(node): void {
            if (node.body.length > 0) return;
            context.report({ node, message: "the file is empty: delete it" });
          },
        };
      },
    },
    "pure-mod": {
      create(context): Deno.lint.LintVisitor {
        const here = locate(context.filename, ROOT);
        if (here === undefined || here.top !== "mod" || here.isTest) return {};
        return {
          Identifier(node): void {
            if (node.name === "Deno") {
              context.report({
                node,
                message: "mod/ is pure: no Deno.* here; pass the effect in",
              });
            }
          },
        };
      },
    },
  },
};

export default plugin;
