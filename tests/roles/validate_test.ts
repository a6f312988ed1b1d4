/** `main.ts validate` as people run it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runMain } from "./role_process.ts";

const PERMISSIONS = ["-P=validate"];

const POOL = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: NAME
spec:
  addresses:
    - ADDRESSES
`;

function pool(name: string, addresses: string): string {
  return POOL.replace("NAME", name).replace("ADDRESSES", addresses);
}

/** Runs the verb in a folder of files. */
async function validate(
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): ReturnType<typeof runMain> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, text);
    }
    const outcome = await runMain(PERMISSIONS, "validate", ...args, folder);
    return {
      ...outcome,
      stdout: outcome.stdout.replaceAll(`${folder}/`, ""),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("validate takes folders and says where errors are", async () => {
  const { code, stdout } = await validate({
    "a.yaml": pool("a", "192.0.2.0/24"),
    "b.yml": pool("b", "192.0.2.128-192.0.2.200"),
    "deeper/c.json": '{"apiVersion": "v1", "kind": "ConfigMap"}',
    "README.md": "not a manifest",
  });
  assertEquals(stdout.split("\n"), [
    'b.yml:7: error: IPAddressPool/b spec.addresses[0]: Cannot use "192.0.2.128-192.0.2.200": it overlaps "192.0.2.0/24" of IPAddressPool "a" (spec.addresses[0])',
    "deeper/c.json:1: ignored: v1 ConfigMap",
    "2 objects in 3 files, 1 error, 0 warnings, 1 ignored",
    "",
  ]);
  assertEquals(code, 1);
});

Deno.test.each([{ flags: ["--json"] }, { flags: ["-o", "json"] }])(
  "validate $flags prints JSON",
  async ({ flags }) => {
    const { code, stdout } = await validate(
      { "a.yaml": pool("a", "192.0.2.300/24") },
      ...flags,
    );
    assertEquals(code, 1);
    const { findings, ...rest } = JSON.parse(stdout);
    assertEquals(rest, { valid: false, checked: 1, ignored: [] });
    assertEquals(findings.length, 1);
    const { message, ...finding } = findings[0];
    assertStringIncludes(message, "192.0.2.300/24");
    assertEquals(finding, {
      file: "a.yaml",
      line: 7,
      resource: "IPAddressPool/a",
      path: "spec.addresses[0]",
      severity: "error",
      class: "cidrInvalid",
    });
  },
);

Deno.test("validate accepts the samples", async () => {
  const samples = new URL("../../manifests/samples", import.meta.url).pathname;
  const { code, stdout } = await runMain(
    PERMISSIONS,
    "validate",
    "--strict",
    samples,
  );
  assert(/^\d+ objects in 7 files, 0 errors, 0 warnings/m.test(stdout), stdout);
  assertEquals(code, 0);
});

const USAGE: readonly { readonly args: readonly string[]; says: string }[] = [
  { args: [], says: "Nothing to check: name files or folders" },
  { args: ["/nowhere"], says: 'Cannot read "/nowhere"' },
  { args: ["--nope", "x"], says: 'Unknown flag "--nope"' },
  { args: ["-o", "xml", "x"], says: '-o takes json or table, not "xml"' },
];

Deno.test.each(USAGE)(
  "validate $args checks nothing",
  async ({ args, says }) => {
    const outcome = await runMain(PERMISSIONS, "validate", ...args);
    assertStringIncludes(outcome.stderr, says);
    assertEquals(outcome.code, 2);
  },
);

Deno.test("validate --help tells the exit codes", async () => {
  const { code, stdout } = await runMain(PERMISSIONS, "validate", "--help");
  assertStringIncludes(stdout, "0 = usable, 1 = there are errors");
  assertStringIncludes(stdout, "Usage: herald validate [flags] FILE...");
  assertEquals(code, 0);
});
