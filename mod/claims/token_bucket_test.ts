import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TokenBucket } from "./token_bucket.ts";

Deno.test("TokenBucket lets a burst pass, then the rate", {
  permissions: "none",
}, () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
  assertEquals([1, 2, 3].map(() => bucket.take(1, 0)), [true, true, false]);
  assertEquals(bucket.availableAt(1, 0), 100);
  assertEquals(bucket.take(1, 99), false);
  assertEquals(bucket.take(1, 100), true);
  assertEquals(bucket.availableAt(1, 5000), 5000, "full again");
});

Deno.test(
  "TokenBucket lets more than a burst pass when it is full, and then waits for what is owed",
  {
    permissions: "none",
  },
  () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
    assertEquals(bucket.take(5, 0), true);
    assertEquals(bucket.availableAt(1, 0), 400);
    bucket.spend(1, 0);
    assertEquals(bucket.availableAt(1, 0), 500);
  },
);

Deno.test(
  "TokenBucket that changes its rate keeps what it has, and a larger burst comes by the rate",
  { permissions: "none" },
  () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
    bucket.change({ perSecond: 5, burst: 3 }, 0);
    assertEquals(bucket.availableAt(3, 0), 200);
    bucket.change({ perSecond: 5, burst: 1 }, 200);
    assertEquals([1, 2].map(() => bucket.take(1, 200)), [true, false]);
  },
);

Deno.test("TokenBucket never exceeds its rate", { permissions: "none" }, () => {
  const steps = fc.array(fc.nat(200), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(steps, (gaps) => {
    const bucket = new TokenBucket({ perSecond: 20, burst: 5 });
    let now = 0;
    let passed = 0;
    for (const gap of gaps) {
      now += gap;
      if (bucket.take(1, now)) passed++;
    }
    assertEquals(passed <= 5 + now * 20 / 1000, true);
  }));
});
