import { assert } from "@std/assert";
import { manifestEnvironment } from "./engine_flags.ts";

Deno.test.each(["controller", "speaker"] as const)(
  "the manifest of the %s lets it collect its garbage",
  (role) => {
    const { DENO_V8_FLAGS: flags = "" } = manifestEnvironment(role);
    assert(flags.split(",").includes("--expose-gc"), flags);
  },
);
