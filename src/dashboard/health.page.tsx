// How the account stands: each thing with what to do about it. What is not known here is said to be unknown.

import type { Context } from "hono";
import type { Check } from "../status/health/health.route.ts";
import { ask, type Answer, type JsonOf } from "./ask.ts";
import { answerHtml, Page, Refusal, Theirs, Time } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

interface Health {
  at: string;
  version: string;
  complete: boolean;
  checks: JsonOf<Check>[];
}

/** Where the things are that are counted. */
const ROWS: Partial<Record<Check["name"], string>> = {
  messages_waiting: "/dashboard/messages",
  callbacks_owed: "/dashboard/callbacks?state=owed",
  callbacks_exhausted: "/dashboard/callbacks?state=exhausted",
  carrier_answers: "/dashboard/messages",
};

export async function healthPage(c: Context<PageEnv>): Promise<Response> {
  const view = viewOf(c);
  const { say } = view;
  const found = await ask<Health>(view, "GET", "/api/health");
  return answerHtml(
    <Page view={view} title={say("health")} here="health">
      <h1>{say("health")}</h1>
      <Found view={view} found={found} />
    </Page>,
    found.kind === "ok" ? 200 : found.status,
  );
}

function Found({ view, found }: { view: View; found: Answer<Health> }) {
  const { say } = view;
  if (found.kind === "refused") return <Refusal view={view} refused={found} />;
  const { checks, complete, version } = found.body;
  const bad = checks.filter(({ state }) => state === "bad").length;
  return (
    <>
      <p class={`note ${bad === 0 ? "good" : "bad"}`}>{say(bad === 0 ? "standsWell" : "standsBadly", { n: bad })}</p>
      {!complete && <p class="soft">{say("healthNotWhole")}</p>}
      <ul class="checks">
        {checks.map((check) => (
          <OneCheck view={view} check={check} />
        ))}
      </ul>
      <p class="hint">
        {say("callbacksKnown")} {say("version")} {version}
      </p>
    </>
  );
}

function OneCheck({ view, check }: { view: View; check: JsonOf<Check> }) {
  const { say, number } = view;
  const { name, state, count, since_at: since, parts } = check;
  return (
    <li>
      <h2>{name in ROWS ? <a href={ROWS[name]}>{say(`check_${name}`)}</a> : say(`check_${name}`)}</h2>
      <p>
        <span class={`state ${state === "bad" ? "fail" : state === "good" ? "delivered" : "soft"}`}>
          {say(`is_${state}`)}
        </span>
        {count !== null && <> · {number(count)}</>}
        {since !== null && (
          <>
            {" · "}
            {say(name === "last_wake" ? "wokenAt" : "oldestOf")} <Time view={view} at={since} />
          </>
        )}
      </p>
      {parts.length > 0 && (
        <ul>
          {parts.map((part) => (
            <li>
              {say(`came_${part.state as "waiting" | "sent" | "delivered" | "failed" | "unknown"}`)}
              {part.reason !== null && (
                <>
                  {": "}
                  <Theirs>{part.reason}</Theirs>
                </>
              )}{" "}
              · {number(part.count)}
            </li>
          ))}
        </ul>
      )}
      {state !== "good" && <p class="hint">{say(`advice_${name}`)}</p>}
    </li>
  );
}
