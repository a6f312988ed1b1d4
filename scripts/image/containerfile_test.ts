import { assertEquals, assertThrows } from "@std/assert";
import { parseInstructions, readDefinition } from "./containerfile.ts";
import { ImageError } from "./image_error.ts";

const TEXT = `# Comment
FROM denoland/deno:bin-1.2.3 AS deno

FROM debian:sid-slim AS files
RUN one \\
 && two   three
# Between
FROM scratch
LABEL a.b="two words" \\
      c=plain
COPY --from=files /image /
COPY a b /to/
COPY c /to/d
WORKDIR /to
ENV X=1 Y=a,b
ENV Z=--flag=2
USER 1:2
ENTRYPOINT ["x", "y z"]
`;

Deno.test("parseInstructions() joins continued lines and leaves comments out", {
  permissions: "none",
}, () => {
  const words = parseInstructions(TEXT);
  assertEquals(words.slice(0, 3), [
    { word: "FROM", rest: "denoland/deno:bin-1.2.3 AS deno" },
    { word: "FROM", rest: "debian:sid-slim AS files" },
    { word: "RUN", rest: "one && two three" },
  ]);
});

Deno.test("readDefinition() reads the last stage", {
  permissions: "none",
}, () => {
  assertEquals(readDefinition(TEXT), {
    copies: [
      { sources: ["a", "b"], target: "/to/" },
      { sources: ["c"], target: "/to/d" },
    ],
    labels: { "a.b": "two words", c: "plain" },
    env: ["X=1", "Y=a,b", "Z=--flag=2"],
    workingDirectory: "/to",
    user: "1:2",
    entrypoint: ["x", "y z"],
    denoVersion: "1.2.3",
    debianSuite: "sid",
  });
});

const refusals = [
  {
    what: "an instruction that no builder would follow",
    text: `${TEXT}VOLUME /data\n`,
    says: 'its last stage has "VOLUME"',
  },
  {
    what: "another base",
    text: TEXT.replace("debian:sid-slim", "alpine"),
    says: "no FROM matches",
  },
];

Deno.test.each(refusals)(
  "readDefinition() refuses $what",
  { permissions: "none" },
  ({ text, says }) => {
    assertThrows(() => readDefinition(text), ImageError, says);
  },
);
