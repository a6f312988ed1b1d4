import { assert, assertEquals, assertThrows } from "@std/assert";
import { runProbe, scopedPermission } from "../tests/ffi/run_probe.ts";
import { EventFd } from "./event_fd.ts";
import { LIBRARY_PATHS, openLibrary, symbolsOf } from "./library.ts";
import { NativeError } from "./native_error.ts";
import { SYMBOLS } from "./symbols.ts";

Deno.test("openLibrary() opens one of the known absolute paths", () => {
  using library = openLibrary();
  assert(LIBRARY_PATHS.includes(library.path), library.path);
  assert(LIBRARY_PATHS.every((path) => path.startsWith("/")));
});

Deno.test("openLibrary() finds every symbol", () => {
  using library = openLibrary();
  const symbols = symbolsOf(library);
  const names = Object.keys(SYMBOLS);
  assert(names.length > 30, `only ${names.length} symbols are declared`);
  for (const name of names) {
    assertEquals(typeof Reflect.get(symbols, name), "function", name);
  }
});

Deno.test("openLibrary() names the paths when the library is missing", () => {
  const failure = assertThrows(
    () => openLibrary({ paths: ["/nowhere/libpcap.so.1"] }),
    NativeError,
    "tried /nowhere/libpcap.so.1",
  );
  assertEquals(failure.reason, "libraryMissing");
  assert(failure.message.includes("apt-get install libpcap0.8"));
  assert(failure.cause instanceof AggregateError);
});

Deno.test("openLibrary() goes on to the next path", () => {
  using known = openLibrary();
  using library = openLibrary({ paths: ["/nowhere/libpcap.so", known.path] });
  assertEquals(library.path, known.path);
});

Deno.test("openLibrary() names the flag when the permission is missing", () => {
  const result = runProbe(["open"], { permissions: [] });
  assertEquals(result["reason"], "permissionMissing");
  const path = scopedPermission().replace("--allow-ffi=", "");
  const message = String(result["message"]);
  assert(message.includes(`start with --allow-ffi=${path}`), message);
});

Deno.test("openLibrary() tells a path that is not permitted from a missing one", () => {
  const result = runProbe(["open", "/nowhere/a.so", "/nowhere/b.so"], {
    permissions: ["--allow-ffi=/nowhere/a.so"],
  });
  assertEquals(result["reason"], "libraryMissing");
  const message = String(result["message"]);
  assert(message.includes("tried /nowhere/a.so;"), message);
  assert(message.includes("not tried: /nowhere/b.so"), message);
});

Deno.test("NativeLibrary.close() closes what is open on it, once", () => {
  const library = openLibrary();
  const event = new EventFd(library);
  assert(event.fd >= 0);
  library.close();
  library.close();
  assertEquals(event.fd, -1);
  const failure = assertThrows(() => new EventFd(library), NativeError);
  assertEquals(failure.reason, "closed");
});
