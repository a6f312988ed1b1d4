/** What is judged when a run is over and everything has come to rest. */
import { type Checker, COLLISION, type Unit } from "./checker.ts";
import type { Observed } from "./observed.ts";

/** The last part of a run, in which nothing happens, in ms. */
const REST = 3000;
/** A group that was just handed over stays for so long, and a little more, in ms. */
const OVERRIDE = 10_600;
/** Questions of a node about a group in that time at most: one a second of an owner for itself, and one a second when it is heard again. */
const QUESTIONS = 7;

/** Judges the end of a run. */
export function judgeEnd(world: Observed, checker: Checker): void {
  checker.observe();
  for (const unit of checker.units) judgeUnit(world, checker, unit);
  judgeQuestions(world, checker);
  if (checker.moves > (checker.mix.moves ?? Infinity)) {
    const nowhere = { slot: 0, group: 0 };
    checker.violate("flapping", nowhere, world.network.now, checker.moves);
  }
}

function judgeUnit(world: Observed, checker: Checker, unit: Unit): void {
  const { now } = world.network;
  checker.settleOwner(unit);
  const { gap, two } = unit;
  if (gap?.kind === "limit") {
    checker.limits.push("client cut from a sound owner");
  } else if (gap !== undefined) {
    checker.violate("owner at rest", unit, gap.since, now - gap.since);
  }
  if (two !== undefined) checker.judgeTwo(unit, two, "one owner at rest");
  if (unit.outage > (checker.mix.outage ?? Infinity)) {
    checker.violate("outage", unit, now, unit.outage);
  }
  const serving = checker.serving(unit);
  if (serving.length > 1 && two === undefined) {
    checker.limits.push("two owners that cannot hear each other");
  }
  const [owner] = serving;
  if (serving.length !== 1 || owner === undefined) return;
  if (now - unit.aloneSince < COLLISION) return;
  judgeCandidacy(world, checker, unit, owner);
  judgePlace(world, checker, unit, owner);
  judgeClient(world, checker, unit, owner);
}

function judgeCandidacy(
  world: Observed,
  checker: Checker,
  unit: Unit,
  owner: number,
): void {
  const { network } = world;
  if (world.hasLegacy || world.order(unit.group).includes(owner)) return;
  if (network.hasCut() || network.hasIpCut() || !world.viewsAgree()) return;
  const isWanted = world.order(unit.group).length > 0;
  if (isWanted && world.candidates(unit.slot, unit.group).length === 0) return;
  // What was just handed over is kept for a while, whatever the own view says.
  if (network.now - unit.aloneSince < OVERRIDE) return;
  checker.violate("candidate at rest", unit, network.now, owner);
}

function judgePlace(
  world: Observed,
  checker: Checker,
  unit: Unit,
  owner: number,
): void {
  const { now } = world.network;
  if (checker.mix.isFirstAtRest !== true || !world.viewsAgree()) return;
  // What was just handed over is kept for a while, whatever the own view says.
  if (now - unit.aloneSince < OVERRIDE) return;
  const [first] = world.order(unit.group);
  if (first !== undefined && owner !== first) {
    checker.violate("first at rest", unit, now, owner);
  }
}

function judgeClient(
  world: Observed,
  checker: Checker,
  unit: Unit,
  owner: number,
): void {
  const { loss, isStripped, isSnooped } = world.scenario;
  const isAlwaysJudged = checker.mix.judgesClient === true;
  const isUntold = loss > 0 || isSnooped || world.hasSpoof ||
    world.hasClientCut ||
    world.hasLegacy ||
    (isStripped || world.hasKeyFault) && world.hasIpFault ||
    world.network.hasCut() && !isAlwaysJudged;
  const cached = world.cached(unit.slot, unit.group);
  if (isUntold || cached === owner) return;
  if (world.isExcused(unit.slot, unit.group) && !isAlwaysJudged) {
    checker.limits.push("client of an owner that died in a split");
  } else {
    checker.violate("client at rest", unit, world.network.now, cached ?? -1);
  }
}

function judgeQuestions(world: Observed, checker: Checker): void {
  const { network, scenario } = world;
  const units = scenario.groups * scenario.segments;
  // An owner that takes an address for another group's is asked again and again.
  const isUnanswered = !world.viewsAgree() || scenario.loss > 0 ||
    scenario.isSnooped ||
    network.hasCut() || network.hasIpCut();
  for (const asked of checker.questions) {
    const late = asked.filter((at) => at > network.now - REST).length;
    const { worst } = checker;
    worst.questions = Math.max(worst.questions, late / units);
    if (isUnanswered) continue;
    if (late <= QUESTIONS * units) continue;
    const nowhere = { slot: 0, group: 0 };
    checker.violate("questions at rest", nowhere, network.now, late);
  }
}
