// `npm run crash -- --rounds 60 [--seed N]`: a real local server is killed with kill -9 at random moments under load,
// again and again on the same state; then it is left alone, and everything that it owes must arrive. Exits with 1 when
// a promise was broken, and then keeps the state and the server's log.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startScriptedReceiver } from "../local/scripted-receiver.ts";
import { rotateCallbackSecret } from "./client.ts";
import { drain } from "./drain.ts";
import { type KillableServer, startServer } from "./killable-server.ts";
import { load, type Round } from "./load.ts";
import { isTapped } from "./memory.ts";
import { randomFor } from "./random.ts";
import { Receipts } from "./receipts.ts";
import { hasPassed, judge, type Row, table } from "./verdict.ts";

const MOST_ROUNDS = 1_000;
const EARLIEST_KILL_MS = 300;
const LATEST_KILL_MS = 1_500;
/** The clock of the kill starts at so many tapped links: a full run of 60 rounds then has over 2,000. */
const WARM_LINKS = 30;
const LONGEST_WARM_UP_MS = 20_000;

const startedAt = Date.now();
const { rounds, seed } = readArguments();
const folder = mkdtempSync(join(tmpdir(), "firsttap-crash-"));
// Through exit, so that a server that still runs is ended with us (see dev-server.ts).
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

console.log(`${rounds} rounds, --seed ${seed}, state in ${folder}`);
let passed = false;
try {
  const rows = await crash();
  passed = hasPassed(rows);
  console.log(`\n${table(rows)}\n`);
} catch (error) {
  console.error(error);
}
if (passed) rmSync(folder, { recursive: true, maxRetries: 3 });
else console.error(`The state and server.log are kept in ${folder}`);
console.log(`${passed ? "passed" : "FAILED"} after ${Math.round((Date.now() - startedAt) / 1_000)} s, --seed ${seed}`);
process.exit(passed ? 0 : 1);

/** All rounds, the drain and the verdict. */
async function crash(): Promise<Row[]> {
  const receiver = await startScriptedReceiver();
  let server = await startServer(folder);
  const receipts = new Receipts(receiver, await rotateCallbackSecret(server));
  const surprises = new Map<string, number>();
  const links: Round["links"] = [];
  let kills = 0;
  for (let number = 1; number <= rounds; number++) {
    const random = randomFor(seed, number);
    await playRound(server, { seed, number, random, receiverUrl: receiver.url, receipts, links, begun: 0, surprises });
    kills++;
    server = await startServer(folder);
  }
  console.log("Draining: what is owed must arrive now, within four minutes.");
  const drained = await drain(server, links, receipts);
  await server.kill();
  await receiver.close();
  for (const [what, times] of surprises) console.log(`surprising: ${what}, ${times} times`);
  return judge({ rounds, kills, links, receipts, drained });
}

/** Load, and at a moment that the seed chose the kill. */
async function playRound(server: KillableServer, round: Round): Promise<void> {
  const created = round.links.length;
  const killAfterMs = EARLIEST_KILL_MS + Math.floor(round.random() * (LATEST_KILL_MS - EARLIEST_KILL_MS));
  const loaded = load(server, round);
  await warmUp(round, created);
  await sleep(killAfterMs);
  await server.kill();
  await loaded;
  round.receipts.verifyNew();
  const tapped = round.links.slice(created).filter(isTapped);
  const owed = tapped.filter((link) => round.receipts.acceptedOf(link) === 0);
  for (const link of owed) link.wasOwedAtKill = true;
  console.log(
    `round ${round.number}: killed after warm-up and ${killAfterMs} ms, ${round.links.length - created} links created, ` +
      `${tapped.length} tapped, ${owed.length} of them not called back yet`,
  );
}

/** Resolves when the load runs: a slow machine gets more time, so that each kill finds as much in flight. */
async function warmUp(round: Round, created: number): Promise<void> {
  const deadline = Date.now() + LONGEST_WARM_UP_MS;
  while (round.links.slice(created).filter(isTapped).length < WARM_LINKS && Date.now() < deadline) await sleep(10);
}

/** What was asked for; ends the process with a sentence when that cannot be. */
function readArguments(): { rounds: number; seed: number } {
  const { values } = parseArgs({ options: { rounds: { type: "string" }, seed: { type: "string" } } });
  const asked = { rounds: Number(values.rounds ?? "60"), seed: Number(values.seed ?? Date.now() % 1_000_000) };
  const isSound = Number.isInteger(asked.rounds) && asked.rounds >= 1 && asked.rounds <= MOST_ROUNDS;
  if (isSound && Number.isInteger(asked.seed)) return asked;
  console.error(`--rounds must be a whole number from 1 to ${MOST_ROUNDS}, --seed any whole number.`);
  process.exit(1);
}
