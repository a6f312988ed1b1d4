import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  choiceFlag,
  formatHelp,
  numberFlag,
  parseCommand,
  switchFlag,
  textFlag,
  UsageError,
} from "./mod.ts";

const command = {
  name: "speaker",
  summary: "Announces addresses.",
  flags: {
    kubeconfig: textFlag({
      help: "Path.",
      fallback: undefined,
      env: ["KUBECONFIG"],
    }),
    "http-port": numberFlag({
      help: "Port.",
      fallback: 7472,
      min: 0,
      max: 65535,
    }),
    "lease-renew": numberFlag({
      help: "Seconds.",
      fallback: 2,
      min: 0.1,
      max: 60,
      integer: false,
    }),
    "log-level": choiceFlag(["debug", "info"], {
      help: "Level.",
      fallback: "info",
      env: ["HERALD_LOG_LEVEL", "METALLB_LOG_LEVEL"],
    }),
    json: switchFlag({ help: "Print JSON." }),
  },
} as const;

const none = (): undefined => undefined;

Deno.test("parseCommand() takes flags, then the environment, then fallbacks", {
  permissions: "none",
}, () => {
  const env: Record<string, string> = {
    METALLB_LOG_LEVEL: "debug",
    KUBECONFIG: "/env",
  };
  const parsed = parseCommand(command, [
    "--kubeconfig",
    "/flag",
    "--http-port=0",
  ], (name) => env[name]);
  assertEquals(parsed, {
    kind: "run",
    values: {
      kubeconfig: "/flag",
      "http-port": 0,
      "lease-renew": 2,
      "log-level": "debug",
      json: false,
    },
    positionals: [],
  });
});

Deno.test("parseCommand() does not let a switch swallow what follows", {
  permissions: "none",
}, () => {
  const parsed = parseCommand({ ...command, positionals: "[FILE…]" }, [
    "--json",
    "a.yaml",
    "b.yaml",
  ], none);
  assertEquals(parsed.kind === "run" && parsed.values.json, true);
  assertEquals(parsed.kind === "run" && parsed.positionals, [
    "a.yaml",
    "b.yaml",
  ]);
});

const refusals = [
  { args: ["--nope"], says: 'Unknown flag "--nope"; see "speaker --help"' },
  { args: ["--kube", "x"], says: 'did you mean "--kubeconfig"?' },
  { args: ["stray"], says: 'Unexpected argument "stray"' },
  {
    args: ["--http-port", "70000"],
    says: '--http-port takes a whole number from 0 to 65535, not "70000"',
  },
  { args: ["--http-port", "1.5"], says: "takes a whole number" },
  { args: ["--http-port", "0x10"], says: "takes a whole number" },
  {
    args: ["--lease-renew", "soon"],
    says: '--lease-renew takes a number from 0.1 to 60, not "soon"',
  },
  {
    args: ["--log-level", "loud"],
    says: "--log-level takes one of debug, info",
  },
  { args: ["--json=maybe"], says: "--json takes true or false" },
  { args: ["--kubeconfig"], says: "--kubeconfig needs a value" },
];

Deno.test.each(refusals)("parseCommand() refuses $args", {
  permissions: "none",
}, ({ args, says }) => {
  const error = assertThrows(
    () => parseCommand(command, args, none),
    UsageError,
  );
  assertStringIncludes(error.message, says);
  assertEquals(error.exitCode, 2);
});

Deno.test("parseCommand() names the variable that does not fit", {
  permissions: "none",
}, () => {
  const env: Record<string, string> = { HERALD_LOG_LEVEL: "loud" };
  const error = assertThrows(
    () => parseCommand(command, [], (name) => env[name]),
    UsageError,
  );
  assertStringIncludes(error.message, "HERALD_LOG_LEVEL takes one of");
});

Deno.test("formatHelp() shows every flag with its default and environment", {
  permissions: "none",
}, () => {
  const text = formatHelp(command);
  for (
    const part of [
      "Usage: herald speaker [flags]",
      "--kubeconfig TEXT",
      "--http-port N",
      "default 7472",
      "--log-level debug|info",
      "env HERALD_LOG_LEVEL, METALLB_LOG_LEVEL",
      "--json",
      "--help",
    ]
  ) {
    assertStringIncludes(text, part);
  }
});

Deno.test("parseCommand() takes the short form of a flag", {
  permissions: "none",
}, () => {
  const flags = {
    output: choiceFlag(["table", "json"], {
      short: "o",
      help: "Form.",
      fallback: "table",
    }),
  } as const;
  const verb = { name: "status", summary: "Shows.", flags };
  for (const args of [["-o", "json"], ["--output=json"], ["-o=json"]]) {
    const parsed = parseCommand(verb, args, none);
    assertEquals(parsed.kind === "run" && parsed.values.output, "json");
  }
  assertStringIncludes(formatHelp(verb), "  -o, --output table|json");
});
