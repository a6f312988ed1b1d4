import { assertEquals, assertStringIncludes } from "@std/assert";
import { runMain } from "./role_process.ts";

const cases = [
  { args: [], code: 2, says: "Usage: herald ROLE|VERB [flags]" },
  { args: ["--help"], code: 0, says: "controller" },
  {
    args: ["nobody"],
    code: 2,
    says:
      'Unknown role or verb "nobody": there are the roles controller, speaker and the verbs plan, status, explain',
  },
  {
    args: ["controller", "--help"],
    code: 0,
    says: "Usage: herald controller [flags]",
  },
  {
    args: ["speaker", "--help"],
    code: 0,
    says: "Usage: herald speaker [flags]",
  },
  { args: ["lab", "--help"], code: 0, says: "Usage: herald lab [flags]" },
  {
    args: ["controller", "--nope"],
    code: 2,
    says: 'Unknown flag "--nope"; see "controller --help"',
  },
  {
    args: ["speaker", "--nope"],
    code: 2,
    says: 'Unknown flag "--nope"; see "speaker --help"',
  },
  { args: ["lab", "--nope"], code: 2, says: 'Unknown flag "--nope"' },
  {
    args: ["controller", "--http-port", "x"],
    code: 2,
    says: '--http-port takes a whole number from 0 to 65535, not "x"',
  },
  { args: ["speaker"], code: 2, says: "--node-name is missing" },
  {
    args: ["speaker", "--node-name", "a", "--lease-renew", "4"],
    code: 2,
    says: "--lease-duration 6 is too short for --lease-renew 4",
  },
  {
    args: ["speaker", "--node-name", "a", "--exclude-interfaces", "("],
    code: 2,
    says:
      '--exclude-interfaces takes regular expressions separated by commas; "(" is none',
  },
  {
    args: ["controller"],
    code: 1,
    says:
      "KUBERNETES_SERVICE_HOST is not set, so this is not a Pod; give --kubeconfig FILE",
  },
  {
    args: [
      "controller",
      "--kubeconfig",
      "/var/run/secrets/kubernetes.io/serviceaccount/none",
    ],
    code: 1,
    says: 'Cannot read "/var/run/secrets/kubernetes.io/serviceaccount/none"',
  },
];

Deno.test.each(cases)(
  "main.ts $args ends with $code",
  async ({ args, code, says }) => {
    const set = args[0] === "speaker" ? "speaker" : "controller";
    const outcome = await runMain([`-P=${set}`], ...args);
    assertStringIncludes(outcome.stdout + outcome.stderr, says);
    assertEquals(outcome.code, code);
  },
);
