import { assertEquals } from "@std/assert";
import plugin from "./lint_layers.ts";

const root = new URL("../", import.meta.url).pathname;

const cases = [
  {
    file: "mod/ipam/pool.ts",
    code: `import { parseIp } from "../net/mod.ts";`,
    says: [],
  },
  {
    file: "mod/ipam/pool.ts",
    code: `import { parseIp } from "../net/ip.ts";`,
    says: [`import "mod/net" through its door, mod.ts`],
  },
  {
    file: "mod/ipam/pool.ts",
    code: `export * from "../kube/mod.ts";`,
    says: [`"mod/ipam" may not import from "mod/kube"`],
  },
  {
    file: "mod/net/ip.ts",
    code: `const m = await import("../../ffi/mod.ts");`,
    says: [`"mod" may not import from "ffi"`],
  },
  {
    file: "controller/main.ts",
    code: `import "../speaker/main.ts";`,
    says: [`"controller" may not import from "speaker"`],
  },
  {
    file: "speaker/main.ts",
    code: `export { a } from "../ffi/mod.ts";`,
    says: [],
  },
  {
    file: "speaker/main.ts",
    code: `import "../tests/privileges.ts";`,
    says: [`"speaker" may not import from "tests"`],
  },
  {
    file: "speaker/main_test.ts",
    code: `import "../tests/privileges.ts";`,
    says: [],
  },
  {
    file: "ffi/poll.ts",
    code: `import { Reader } from "../mod/net/mod.ts";`,
    says: [`"ffi" may not import from "mod"`],
  },
  {
    file: "mod/net/ip.ts",
    code: `Deno.exit(1);`,
    says: ["mod/ is pure: no Deno.* here; pass the effect in"],
  },
  { file: "mod/net/ip_test.ts", code: `Deno.test("a", () => {});`, says: [] },
  {
    file: "speaker/main.ts",
    code: `console.log("x");`,
    says: ["log through LogTape, not console"],
  },
  { file: "scripts/setup.ts", code: `console.log("x");`, says: [] },
  {
    file: "mod/net/ip_test.ts",
    code: "// moved",
    says: ["the file is empty: delete it"],
  },
];

Deno.test.each(cases)("lint_layers says $says of $code in $file", {
  permissions: "none",
}, ({ file, code, says }) => {
  const found = Deno.lint.runPlugin(plugin, root + file, code);
  assertEquals(found.map((diagnostic) => diagnostic.message), says);
});
