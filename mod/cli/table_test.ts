import { assertEquals } from "@std/assert";
import { formatTable } from "./mod.ts";

Deno.test("formatTable() makes columns as wide as their widest cell", {
  permissions: "none",
}, () => {
  assertEquals(
    formatTable(["POOL", "N"], [["office", "5"], ["a", ""]]),
    ["POOL    N", "office  5", "a"],
  );
});
