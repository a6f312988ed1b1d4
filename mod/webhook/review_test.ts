import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { admissionQuestion, conversionQuestion } from "../../tests/reviews.ts";
import {
  admissionReview,
  convertObjects,
  readAdmissionReview,
  readConversionReview,
  ReviewError,
} from "./mod.ts";

const NO_PERMISSIONS = { permissions: "none" } as const;

const UID = "705ab4f5-6393-11e8-b7cc-42010a800002";
const object = { metadata: { name: "p", namespace: "ns" }, spec: {} };
const question = admissionQuestion({ kind: "IPAddressPool", object });

/** A review with another request. */
function asking(change: Readonly<Record<string, unknown>>): unknown {
  const { request } = question;
  return { ...question, request: { ...request as object, ...change } };
}

const malformed: readonly {
  readonly what: string;
  readonly review: unknown;
  readonly says: string;
}[] = [
  { what: "nothing", review: null, says: "The body is no AdmissionReview" },
  { what: "a list", review: [question], says: "The body is no Admission" },
  {
    what: "another kind",
    review: { ...question, kind: "ConversionReview" },
    says: "The body is no AdmissionReview of admission.k8s.io/v1",
  },
  {
    what: "an older version",
    review: { ...question, apiVersion: "admission.k8s.io/v1beta1" },
    says: "The body is no AdmissionReview of admission.k8s.io/v1",
  },
  {
    what: "no request",
    review: { ...question, request: "CREATE" },
    says: "no request.uid",
  },
  { what: "no uid", review: asking({ uid: 7 }), says: "no request.uid" },
  {
    what: "a long uid",
    review: asking({ uid: "u".repeat(129) }),
    says: "no request.uid",
  },
  { what: "no kind", review: asking({ kind: null }), says: "no request.kind" },
  {
    what: "an unknown operation",
    review: asking({ operation: "create" }),
    says: "no known request.operation",
  },
  {
    what: "no object",
    review: asking({ object: null }),
    says: "lacks an object that CREATE needs",
  },
  {
    what: "an update from nothing",
    review: asking({ operation: "UPDATE" }),
    says: "lacks an object that UPDATE needs",
  },
  {
    what: "the end of nothing",
    review: asking({ operation: "DELETE" }),
    says: "lacks an object that DELETE needs",
  },
];

Deno.test.each(malformed)(
  "readAdmissionReview() refuses $what",
  NO_PERMISSIONS,
  ({ review, says }) => {
    assertThrows(
      () => readAdmissionReview(JSON.stringify(review)),
      ReviewError,
      says,
    );
  },
);

Deno.test(
  "readAdmissionReview() refuses what is no JSON, or too deep",
  NO_PERMISSIONS,
  () => {
    assertThrows(() => readAdmissionReview("{"), ReviewError, "no JSON");
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const spec = JSON.stringify(question).replace(
      '"spec":{}',
      `"spec":${deep}`,
    );
    assertThrows(() => readAdmissionReview(spec), ReviewError, "nested more");
  },
);

Deno.test(
  "readAdmissionReview() takes the name of the object",
  NO_PERMISSIONS,
  () => {
    assertEquals(readAdmissionReview(JSON.stringify(question)), {
      uid: UID,
      operation: "CREATE",
      group: "metallb.io",
      kind: "IPAddressPool",
      namespace: "metallb-system",
      name: "p",
      subresource: "",
      object,
    });
  },
);

Deno.test("admissionReview() says yes, no and beware", NO_PERMISSIONS, () => {
  const type = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };
  const request = { uid: UID };
  assertEquals(admissionReview(request, { warnings: [] }), {
    ...type,
    response: { uid: UID, allowed: true },
  });
  assertEquals(admissionReview(request, { denial: "No", warnings: ["Look"] }), {
    ...type,
    response: {
      uid: UID,
      allowed: false,
      status: { code: 403, reason: "Forbidden", message: "No" },
      warnings: ["Look"],
    },
  });
});

Deno.test(
  "admissionReview() keeps to the API server's measure",
  NO_PERMISSIONS,
  () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (denial, warnings) => {
        const answer = { denial: denial.repeat(999), warnings };
        const { response } = admissionReview({ uid: UID }, answer);
        const { status, warnings: shown = [] } = response as {
          status: { message: string };
          warnings?: string[];
        };
        const length = shown.reduce((sum, each) => sum + each.length, 0);
        assertEquals(status.message.length <= 4096 && length <= 4096, true);
      }),
    );
  },
);

const older = {
  apiVersion: "metallb.io/v1beta1",
  kind: "BGPPeer",
  metadata: { name: "r", namespace: "ns", uid: "1" },
  spec: { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1", peerPort: 0 },
};
const { peerPort: _, ...shared } = older.spec;
const newer = { ...older, apiVersion: "metallb.io/v1beta2", spec: shared };

function converted(desired: unknown, objects: unknown): unknown {
  const json = JSON.stringify(conversionQuestion(desired, objects));
  return convertObjects(readConversionReview(json)).review["response"];
}

Deno.test("convertObjects() converts lists", NO_PERMISSIONS, () => {
  assertEquals(converted("metallb.io/v1beta2", [older, newer]), {
    uid: UID,
    convertedObjects: [newer, newer],
    result: { status: "Success" },
  });
  assertEquals(converted("metallb.io/v1beta1", []), {
    uid: UID,
    convertedObjects: [],
    result: { status: "Success" },
  });
});

Deno.test(
  "convertObjects() names what it cannot convert",
  NO_PERMISSIONS,
  () => {
    const strangers = [older, { kind: "Pod" }, {
      ...older,
      apiVersion: "x/v1",
    }];
    assertEquals(converted("metallb.io/v1beta2", strangers), {
      uid: UID,
      result: {
        status: "Failed",
        message: 'object 1: Cannot convert "Pod": it is no BGPPeer; ' +
          'ns/r: Cannot convert a BGPPeer from "x/v1" to "metallb.io/v1beta2": the versions are metallb.io/v1beta2 and metallb.io/v1beta1',
      },
    });
    const { result } = converted("v9", Array(7).fill(older)) as {
      result: { message: string };
    };
    assertEquals(result.message.endsWith("; and 2 more"), true);
  },
);

Deno.test("readConversionReview() refuses what is none", NO_PERMISSIONS, () => {
  for (
    const review of [
      question,
      conversionQuestion(1, []),
      conversionQuestion("metallb.io/v1beta2", {}),
    ]
  ) {
    assertThrows(
      () => readConversionReview(JSON.stringify(review)),
      ReviewError,
    );
  }
});
