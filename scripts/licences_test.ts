import { assertEquals } from "@std/assert";
import { formatLicences } from "./licences.ts";

Deno.test("formatLicences() names every package, with all that it says", {
  permissions: "none",
}, () => {
  const text = formatLicences([
    { name: "b@2.0.0", expression: "", texts: ["Do what you like.\n\n"] },
    { name: "a@1.0.0", expression: "MIT", texts: ["Licence", "Notice\n"] },
    { name: "c@3.0.0", expression: "ISC", texts: [] },
  ]);
  assertEquals(
    text,
    `a@1.0.0 (MIT)
=============

Licence

Notice

b@2.0.0 (see below)
===================

Do what you like.

c@3.0.0 (ISC)
=============
`,
  );
});
