import { assertEquals } from "@std/assert";
import { isolate } from "./isolation.ts";
import { launchCommand } from "./process.ts";
import { planTopology } from "./topology.ts";
import { controllerLaunch, speakerLaunch } from "./programs.ts";

Deno.test(
  "launchCommand() logs, enters the namespace, then drops capabilities",
  {
    permissions: "none",
  },
  () => {
    assertEquals(
      launchCommand(
        {
          name: "x",
          namespace: "node-a",
          capabilities: "netRaw",
          command: ["program", "argument"],
        },
        "/logs/x.log",
      ),
      [
        ...["sh", "-c", 'exec "$@" >>"$0" 2>&1', "/logs/x.log"],
        ...["ip", "netns", "exec", "node-a"],
        ...["setpriv", "--no-new-privs", "--inh-caps=-all"],
        "--bounding-set=-all,+net_raw",
        ...["program", "argument"],
      ],
    );
  },
);

Deno.test("launchCommand() leaves stdout to a dialogue", {
  permissions: "none",
}, () => {
  assertEquals(
    launchCommand({ name: "x", command: ["program"], dialogue: true }, "/log"),
    ["sh", "-c", 'exec "$@" 2>>"$0"', "/log", "program"],
  );
});

Deno.test("roles run under their own permission sets", {
  permissions: "none",
}, () => {
  const topology = planTopology(2, 1);
  const [node] = topology.nodes;
  if (node === undefined) throw new Error("no node planned");
  const speaker = speakerLaunch(node, {
    ...{ nodes: 2, speakers: "lab", proxy: "lab" },
    flags: [],
  });
  const controller = controllerLaunch(topology);
  assertEquals(speaker.capabilities, "netRaw");
  assertEquals(controller.capabilities, "none");
  for (
    const [launch, name] of [[speaker, "speaker"], [
      controller,
      "controller",
    ]] as const
  ) {
    const permissions = launch.command.filter((argument) =>
      argument.startsWith("-P") || argument.startsWith("--allow") ||
      argument === "-A"
    );
    assertEquals(permissions, [`-P=${name}`]);
  }
});

for (const isolation of ["root", "user"] as const) {
  Deno.test(`isolate() as ${isolation} ties the command to its parent`, {
    permissions: "none",
  }, () => {
    const command = isolate(isolation, ["program"]);
    assertEquals(command.slice(0, 4), [
      "setpriv",
      "--pdeathsig",
      "KILL",
      "unshare",
    ]);
    assertEquals(command.includes("--kill-child"), true);
    assertEquals(command.includes("--map-root-user"), isolation === "user");
    assertEquals(command.at(-1), "program");
  });
}
