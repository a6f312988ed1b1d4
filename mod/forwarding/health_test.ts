import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Answer, type Finding, judgeAnswer } from "./mod.ts";

/** What kube-proxy 1.36 says, besides `status`. */
const REST = '"lastUpdated":"2026-01-01T00:00:00Z","nodeEligible":true';

function says(status: number, body: string): Answer {
  return { kind: "answered", status, body };
}

const CASES: readonly {
  readonly name: string;
  readonly answer: Answer;
  readonly is: Finding;
}[] = [
  {
    name: "nothing listens",
    answer: { kind: "refused" },
    is: "refused",
  },
  { name: "nothing comes", answer: { kind: "failed" }, is: "unanswered" },
  {
    name: "kube-proxy 1.36 has started",
    answer: says(200, `{${REST},"status":{}}`),
    is: "noRules",
  },
  {
    name: "it has written the rules of one family",
    answer: says(200, `{${REST},"status":{"IPv4":{"healthy":true}}}`),
    is: "healthy",
  },
  {
    name: "it has written the rules of both",
    answer: says(
      200,
      `{${REST},"status":{"IPv4":{"healthy":true},"IPv6":{"healthy":true}}}`,
    ),
    is: "healthy",
  },
  {
    name: "those of one family are out of date, whatever the code",
    answer: says(
      200,
      `{${REST},"status":{"IPv4":{"healthy":true},"IPv6":{"healthy":false}}}`,
    ),
    is: "unhealthy",
  },
  {
    name: "its node is about to go",
    answer: says(503, `{${REST},"status":{"IPv4":{"healthy":true}}}`),
    is: "unhealthy",
  },
  {
    name: "an older kube-proxy is well",
    answer: says(200, `{${REST}}`),
    is: "healthy",
  },
  {
    name: "an older kube-proxy is not",
    answer: says(503, `{${REST}}`),
    is: "unhealthy",
  },
  { name: "something says ok", answer: says(200, "ok"), is: "healthy" },
  { name: "something says nothing", answer: says(204, ""), is: "healthy" },
  {
    name: "the status is none of kube-proxy's",
    answer: says(200, '{"status":"ok"}'),
    is: "healthy",
  },
  {
    name: "what it says of a family means nothing",
    answer: says(200, '{"status":{"IPv4":null}}'),
    is: "unhealthy",
  },
  {
    name: "something else listens there",
    answer: says(404, "not found"),
    is: "unhealthy",
  },
  { name: "it sends elsewhere", answer: says(302, ""), is: "unhealthy" },
];
Deno.test.each(CASES)(
  "judgeAnswer() where $name is $is",
  { permissions: "none" },
  ({ answer, is }) => assertEquals(judgeAnswer(answer), is),
);

Deno.test("judgeAnswer() finds something in whatever is said", {
  permissions: "none",
}, () => {
  const body$ = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((status) => `{"status":${status}}`),
  );
  fc.assert(fc.property(fc.nat(999), body$, (status, body) => {
    assert(["healthy", "noRules", "unhealthy"].includes(
      judgeAnswer(says(status, body)),
    ));
  }));
});
