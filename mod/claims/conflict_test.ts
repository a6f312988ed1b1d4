import { assertEquals } from "@std/assert";
import {
  ANNA,
  claimOf,
  GROUP,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import { defends, isInUse } from "./conflict.ts";
import { addGroup, makeContext } from "./test_context.ts";

const NOW = 100_000;

const DEFENCES = [
  {
    name: "an owner, for the first time",
    role: "owner",
    foreignAt: -Infinity,
    is: true,
  },
  {
    name: "an owner, ten seconds later",
    role: "owner",
    foreignAt: NOW - 10_000,
    is: true,
  },
  { name: "an owner, sooner", role: "owner", foreignAt: NOW - 9999, is: false },
  {
    name: "who does not own it",
    role: "idle",
    foreignAt: -Infinity,
    is: false,
  },
] as const;
Deno.test.each(DEFENCES)(
  "defends() $name: $is",
  { permissions: "none" },
  ({ role, foreignAt, is }) => {
    const group = addGroup(makeContext(ME, new RecordingSink()), GROUP, [ME]);
    group.role = role;
    group.announcing.foreignAt = foreignAt;
    assertEquals(defends(group, NOW), is);
  },
);

const USES = [
  {
    name: "a new address that a foreign host answered for",
    isNew: true,
    term: 0,
    foreignAt: NOW - 1,
    is: true,
  },
  {
    name: "the same, ten seconds later",
    isNew: true,
    term: 0,
    foreignAt: NOW - 10_000,
    is: false,
  },
  {
    name: "one that a member has claimed",
    isNew: true,
    term: 1,
    foreignAt: NOW - 1,
    is: false,
  },
  {
    name: "one that the cluster has used",
    isNew: false,
    term: 0,
    foreignAt: NOW - 1,
    is: false,
  },
];
Deno.test.each(USES)(
  "isInUse() $name: $is",
  { permissions: "none" },
  ({ isNew, term, foreignAt, is }) => {
    const group = addGroup(makeContext(ME, new RecordingSink()), GROUP, [ME]);
    group.isNew = isNew;
    if (term > 0) group.seen = claimOf(ANNA, term);
    group.announcing.foreignAt = foreignAt;
    assertEquals(isInUse(group, NOW), is);
  },
);
