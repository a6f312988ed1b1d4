/** A client that reaches nobody but a candidate which does not reach the owner. */
import { assertEquals } from "@std/assert";
import { RULES } from "../../mod/claims/mod.ts";
import { nodeIdOf } from "./cluster.ts";
import { CALM, type Scenario } from "./scenario.ts";
import { World } from "./world.ts";

const SCENARIO: Scenario = { ...CALM, mix: "links" };
/** When the links are cut, in ms. */
const CUT = 8000;

/** What becomes of the standby that hears the owner. */
const TABLE: readonly {
  readonly name: string;
  readonly befalls: (world: World, standby: number, far: number) => void;
  readonly breaches: readonly string[];
}[] = [
  {
    name: "is told by a standby that it lives",
    befalls: () => {},
    breaches: [],
  },
  {
    name: "was told so until the standby crashed",
    befalls: (world, standby) => world.crash(standby),
    breaches: ["owner at rest"],
  },
  {
    name: "is told of an owner that is deaf",
    befalls: (world, standby) => {
      const owner = world.ownerOf(0, 0) ?? 0;
      world.cut(0, [[standby, owner]], false, "cut standby to owner");
    },
    breaches: ["owner at rest"],
  },
  {
    name: "is not heard by the standby",
    befalls: (world, standby, far) =>
      world.cut(0, [[far, standby]], false, "cut far to standby"),
    breaches: ["owner at rest"],
  },
  {
    name: "does not hear the standby",
    befalls: (world, standby, far) =>
      world.cut(0, [[standby, far]], false, "cut standby to far"),
    breaches: ["owner at rest"],
  },
  {
    name: "hears no beats of the standby",
    befalls: (world, standby, far) =>
      world.cut(0, [[standby, far]], true, "cut IP of standby to far"),
    breaches: ["owner at rest"],
  },
];

Deno.test.each([...TABLE])(
  "the checker and a candidate that does nothing and $name",
  { permissions: "none" },
  ({ befalls, breaches }) => {
    const order = new World(SCENARIO).views.first(0);
    const [owner = 0, standby = 0, far = 0] = order;
    const world = new World(SCENARIO, {
      rules: { ...RULES, takesOver: ({ node }) => node !== nodeIdOf(far) },
    });
    world.later(CUT, () => {
      const { client } = world.network;
      assertEquals(world.ownerOf(0, 0), owner);
      const links = [owner, standby].flatMap((node) =>
        [[node, client], [client, node]] as const
      );
      world.cut(0, [...links, [owner, far]], false, "cut links");
      befalls(world, standby, far);
    });
    const { violations } = world.run().checker;
    assertEquals(violations.map(({ property }) => property), breaches);
  },
);
