// `npm run crash -- --rounds 60 [--seed N]`: a real local server is killed with kill -9 at random moments under load,
// again and again on the same state; then it is left alone, and everything that it owes must arrive. Exits with 1 when
// a promise was broken, and then keeps the state and the server's log.

import { parseArgs } from "node:util";
import { temporaryFolder } from "../../local/belongings.ts";
import { runCommand } from "../../local/command.ts";
import { startScriptedReceiver } from "../../local/scripted-receiver.ts";
import { Carrier } from "./carrier.ts";
import { rotateCallbackSecret } from "./client.ts";
import { drain } from "./drain.ts";
import { type Figures, readFigures, shrunk, unequal } from "./figures.ts";
import { type KillableServer, lastingPort, startServer } from "./killable-server.ts";
import { load, type Round } from "./load.ts";
import type { World } from "./make.ts";
import { isAwaited, type Memory } from "./memory.ts";
import { chooseMoment, waitFor } from "./moment.ts";
import { randomFor } from "./random.ts";
import { Receipts } from "./receipts.ts";
import { hasPassed, type Section, table } from "./table.ts";
import { judge } from "./verdict.ts";

const MOST_ROUNDS = 1_000;
/**
 * A message that a kill caught between claim and report fails a minute later, and the drain waits for that. So the last
 * kills find no new messages, only those that are sent again, reported and called back.
 */
const ROUNDS_WITHOUT_NEW_MESSAGES = 2;

const startedAt = Date.now();
const { rounds, seed } = readArguments();

await runCommand(async () => {
  const folder = temporaryFolder("firsttap-crash-");
  console.log(`${rounds} rounds, --seed ${seed}, state in ${folder.path}`);
  let passed = false;
  try {
    const sections = await crash(folder.path);
    passed = hasPassed(sections);
    console.log(`\n${table(sections)}\n`);
  } catch (error) {
    console.error(error);
  }
  if (!passed) {
    folder.keep();
    console.error(`The state and server.log are kept in ${folder.path}`);
  }
  console.log(
    `${passed ? "passed" : "FAILED"} after ${Math.round((Date.now() - startedAt) / 1_000)} s, --seed ${seed}`,
  );
  return passed ? 0 : 1;
});

/** All rounds, the drain and the verdict. */
async function crash(folder: string): Promise<Section[]> {
  const receiver = await startScriptedReceiver();
  const carrier = await Carrier.start();
  const starts: number[] = [];
  const port = await lastingPort();
  const start = () => {
    starts.push(Date.now());
    return startServer({ port, folder, settings: carrier.settings, onLine: (line) => carrier.read(line) });
  };
  let server = await start();
  const receipts = new Receipts(receiver, await rotateCallbackSecret(server));
  const memory: Memory = { links: [], messages: [], plans: [], surprises: new Map() };
  const world: World = { receiverUrl: receiver.url, receipts, carrier, memory };
  const wrongFigures: string[] = [];
  let figures: Figures = new Map();
  for (let number = 1; number <= rounds; number++) {
    const hasMessages = number <= Math.max(1, rounds - ROUNDS_WITHOUT_NEW_MESSAGES);
    await playRound(server, { ...world, seed, number, random: randomFor(seed, number), hasMessages, begun: 0 });
    server = await start();
    // Before what is owed is waited for in silence, a question would wake the object that owes it.
    if (number === rounds) break;
    const now = await readFigures(server);
    wrongFigures.push(...shrunk(figures, now));
    figures = now;
  }
  console.log("Draining: what is owed must arrive now, within nine minutes.");
  const drained = await drain(server, world);
  wrongFigures.push(...shrunk(figures, await readFigures(server)), ...(await unequal(server)));
  for (const wrong of wrongFigures) console.log(`a wrong figure: ${wrong}`);
  await server.kill();
  await carrier.close();
  await receiver.close();
  for (const [what, times] of memory.surprises) console.log(`surprising: ${what}, ${times} times`);
  return judge({ ...world, rounds, starts, drained, wrongFigures });
}

/** Load, and at a moment that the seed chose the kill. */
async function playRound(server: KillableServer, round: Round): Promise<void> {
  const { memory, receipts } = round;
  const [links, messages] = [memory.links.length, memory.messages.length];
  const moment = chooseMoment(round.random);
  const loaded = load(server, round);
  await waitFor(moment, round);
  await server.kill();
  await loaded;
  receipts.verifyNew();
  const made = { links: memory.links.slice(links), messages: memory.messages.slice(messages) };
  const awaited = [...made.links, ...made.messages].filter(isAwaited);
  const owed = awaited.filter(({ hook }) => receipts.acceptedOf(hook).length === 0);
  for (const thing of owed) thing.wasOwedAtKill = true;
  console.log(
    `round ${round.number}: killed after ${moment.afterMs} ms, ${moment.lagMs} ms behind ${moment.behind}; ` +
      `${made.links.length} links, ${made.messages.length} messages, ${owed.length} callbacks still to come`,
  );
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
