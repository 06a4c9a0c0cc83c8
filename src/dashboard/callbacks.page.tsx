// Callbacks that fail: by host and last answer, the newest of them, and many tried once more.

import { Hono } from "hono";
import type { Context } from "hono";
import { ask, type Answer, type JsonOf } from "./ask.ts";
import { Act, Field, type Filled, MakingForm, readForm } from "./forms.tsx";
import { answerHtml, Code, Page, Refusal, Table, Theirs, Time } from "./page.tsx";
import type { CallbackGroup } from "../callback/bulk-retry/standing.ts";
import type { FailingCallback } from "../callback/bulk-retry/failing.ts";
import { Pins } from "./pins.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

type LastTried<T> = Omit<T, "triedAt"> & { lastTriedAt: number | null };
interface Callbacks {
  groups: JsonOf<LastTried<CallbackGroup> & { answeredAt: number | null }>[];
  callbacks: JsonOf<LastTried<FailingCallback>>[];
  complete: boolean;
}
interface Taken {
  taken: number;
  more: boolean;
  ends_at: string | null;
}

/** What is counted of callbacks: of links, and of messages. */
type Counted = Record<"owed" | "delivered" | "exhausted" | "withdrawn", number>;
interface Figures {
  totals: { events: { callbacks: Counted; message_callbacks: Counted } };
}

const DAY_MS = 86_400_000;
/** What figures are of that nobody gave a range. */
const FIGURES_DAYS = 30;
/** Callbacks are owed for a day or two, and links live for 90 days. */
const USUAL_DAYS = 90;

export const callbackPages = new Hono<PageEnv>()
  .get("/", (c) => answerCallbacks(c, {}))
  .post("/", async (c) => {
    const sent = await readForm(c);
    const wish = {
      state: sent["state"],
      from: instantIn(sent["from"]),
      to: instantIn(sent["to"]),
      ...(sent["host"] && { host: sent["host"].trim() }),
    };
    const taken = await ask<Taken>(viewOf(c), "POST", "/api/callbacks/retry", wish, sent["key"]);
    if (taken.kind === "refused") return answerCallbacks(c, { sent, refused: taken });
    const { taken: n, more, ends_at: endsAt } = taken.body;
    const told = new URLSearchParams({ taken: String(n), ...(more && { more: "1" }), ...(endsAt && { ends: endsAt }) });
    return c.redirect(`/dashboard/callbacks?${told.toString()}`, 303);
  })
  .post("/links/:code", (c) => tryOnce(c, `/api/links/${encodeURIComponent(c.req.param("code"))}/callback/retry`))
  .post("/messages/:msgid", (c) =>
    tryOnce(c, `/sms/messages/${encodeURIComponent(c.req.param("msgid"))}/callback/retry`),
  );

async function tryOnce(c: Context<PageEnv>, path: string): Promise<Response> {
  const retried = await ask(viewOf(c), "POST", path);
  if (retried.kind === "refused") return answerCallbacks(c, { refused: retried });
  return c.redirect("/dashboard/callbacks?done=retried", 303);
}

/** Of a field for date and time, which is in UTC: the API wants seconds or a zone. What is none is sent on, to be refused. */
function instantIn(text = ""): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}Z` : text;
}

/** @param filled a form that was refused */
async function answerCallbacks(c: Context<PageEnv>, filled: Filled): Promise<Response> {
  const view = viewOf(c);
  const query = new URLSearchParams();
  for (const name of ["state", "host"]) {
    const value = view.url.searchParams.get(name);
    if (value) query.set(name, value);
  }
  const [found, figures] = await Promise.all([
    ask<Callbacks>(view, "GET", `/api/callbacks?${query.toString()}`),
    ask<Figures>(view, "GET", "/api/figures?by=week"),
  ]);
  const status = filled.refused?.status ?? (found.kind === "ok" ? 200 : found.status);
  return answerHtml(<CallbacksPage view={view} found={found} figures={figures} filled={filled} />, status);
}

function CallbacksPage({
  view,
  found,
  figures,
  filled,
}: {
  view: View;
  found: Answer<Callbacks>;
  figures: Answer<Figures>;
  filled: Filled;
}) {
  const { say, url } = view;
  const query = url.searchParams;
  const mayRetry = view.may("support");
  return (
    <Page view={view} title={say("callbacks")} here="callbacks">
      <h1>{say("callbacks")}</h1>
      <Pins view={view} />
      <Outcome view={view} />
      <Refusal view={view} refused={filled.refused} />
      {(query.get("host") || query.get("state")) && (
        <p class="soft">
          {say("onlyThese")} <Theirs>{[query.get("host"), query.get("state")].filter(Boolean).join(", ")}</Theirs> ·{" "}
          <a href="/dashboard/callbacks">{say("all")}</a>
        </p>
      )}
      {figures.kind === "ok" && <Totals view={view} {...figures.body.totals.events} />}
      {found.kind === "refused" ? (
        <Refusal view={view} refused={found} />
      ) : found.body.callbacks.length === 0 ? (
        <p class="note good">{say("noneFails")}</p>
      ) : (
        <>
          <Groups view={view} groups={found.body.groups} />
          {!found.body.complete && <p class="soft">{say("notAllLookedAt")}</p>}
          <Newest view={view} callbacks={found.body.callbacks} />
        </>
      )}
      {mayRetry ? <RetryForm view={view} filled={filled} /> : <p class="soft">{say("scopeHides")}</p>}
      <p class="hint">{say("callbacksKnown")}</p>
    </Page>
  );
}

/** What callbacks came to in the last thirty days; one that was tried once more is owed twice. */
function Totals({ view, callbacks, message_callbacks: reports }: { view: View } & Figures["totals"]["events"]) {
  const { say, number } = view;
  return (
    <section>
      <h2>{say("lastDays", { n: FIGURES_DAYS })}</h2>
      <dl class="numbers">
        {(["owed", "delivered", "exhausted"] as const).map((state) => (
          <div>
            <dt>{say(`callbacksTotal_${state}`)}</dt>
            <dd>{number(callbacks[state] + reports[state])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What the form came to, which led here. */
function Outcome({ view }: { view: View }) {
  const { say, url } = view;
  const query = url.searchParams;
  const taken = query.get("taken");
  const ends = Date.parse(query.get("ends") ?? "");
  if (query.get("done") === "retried") return <p class="note good">{say("retryAccepted")}</p>;
  if (taken === null || !/^\d{1,9}$/.test(taken)) return null;
  return (
    <p class="note good" role="status">
      {say(taken === "0" ? "noneTaken" : "wereTaken", { n: Number(taken) })}{" "}
      {!Number.isNaN(ends) && (
        <>
          {say("lastTriedBy")} <Time view={view} at={ends} />
        </>
      )}{" "}
      {query.has("more") && say("moreLeft")}
    </p>
  );
}

function Groups({ view, groups }: { view: View; groups: Callbacks["groups"] }) {
  const { say, number } = view;
  const head = [
    say("host"),
    say("lastAnswer"),
    say("state"),
    say("count"),
    say("oldest"),
    say("lastTried"),
    say("lastGood"),
  ];
  return (
    <section>
      <h2>{say("failsTitle")}</h2>
      <p class="says">{say("failsSays", { n: groups.reduce((sum, { callbacks }) => sum + callbacks, 0) })}</p>
      <Table label={say("failsTitle")} head={head}>
        {groups.map((group) => (
          <tr>
            <th scope="row">
              <a href={`?${new URLSearchParams({ host: group.host, state: group.state }).toString()}`}>
                <Code>{group.host}</Code>
              </a>
            </th>
            <td>
              <LastAnswer view={view} status={group.status} error={group.error} />
            </td>
            <td>{say(`callbackIs_${group.state}`)}</td>
            <td>{number(group.callbacks)}</td>
            <td>
              <Time view={view} at={group.oldest_at} />
            </td>
            <td>
              <Time view={view} at={group.last_tried_at} />
            </td>
            <td>
              {group.answered_at === null ? (
                <span class="soft">{say("notLately")}</span>
              ) : (
                <Time view={view} at={group.answered_at} />
              )}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Newest({ view, callbacks }: { view: View; callbacks: Callbacks["callbacks"] }) {
  const { say, number } = view;
  const mayAny = view.may("links", "send", "support");
  const head = [
    say("callbackOf"),
    say("when"),
    say("host"),
    say("lastAnswer"),
    say("state"),
    say("attempts"),
    ...(mayAny ? [say("oneMoreAttempt")] : []),
  ];
  return (
    <section>
      <h2>{say("newestOfThem")}</h2>
      <Table label={say("newestOfThem")} head={head}>
        {callbacks.map((one) => {
          const path = one.code === null ? `messages/${one.msgid ?? ""}` : `links/${one.code}`;
          const mayRetry = one.code === null ? view.may("send", "support") : view.may("links", "support");
          return (
            <tr>
              <th scope="row">
                {say(one.code === null ? "message" : "link")}{" "}
                <a href={`/dashboard/${path}`}>
                  <Code>{one.code ?? one.msgid}</Code>
                </a>
              </th>
              <td>
                <Time view={view} at={one.at} />
              </td>
              <td>
                <Code>{one.host}</Code>
              </td>
              <td>
                <LastAnswer view={view} status={one.status} error={one.error} />
              </td>
              <td>{say(`callbackIs_${one.state}`)}</td>
              <td>{number(one.attempts)}</td>
              {mayAny && (
                <td>{mayRetry && <Act action={`/dashboard/callbacks/${path}`} label={say("oneMoreAttempt")} />}</td>
              )}
            </tr>
          );
        })}
      </Table>
    </section>
  );
}

function LastAnswer({ view, status, error }: { view: View; status: number | null; error: string | null }) {
  if (status !== null) return <>{status}</>;
  return <Theirs>{error ?? view.say("noAnswerYet")}</Theirs>;
}

/** As a field for date and time has it, in UTC. */
function minuteOf(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

function RetryForm({ view, filled }: { view: View; filled: Filled }) {
  const { say, now, url } = view;
  const field = { reader: view, filled };
  const state = filled.sent?.["state"] ?? url.searchParams.get("state") ?? "exhausted";
  return (
    <section id="retry">
      <h2>{say("retryMany")}</h2>
      <p class="says">{say("retryManySays")}</p>
      <MakingForm action="/dashboard/callbacks#retry" filled={filled}>
        <div class="field">
          <label for="state">{say("state")}</label>
          <select id="state" name="state">
            {(["exhausted", "owed"] as const).map((value) => (
              <option value={value} selected={value === state}>
                {say(`callbackIs_${value}`)}
              </option>
            ))}
          </select>
        </div>
        <Field
          {...field}
          name="from"
          type="datetime-local"
          label={say("happenedFrom")}
          value={minuteOf(now - USUAL_DAYS * DAY_MS)}
          required
        />
        <Field
          {...field}
          name="to"
          type="datetime-local"
          label={say("happenedBefore")}
          value={minuteOf(now + 60_000)}
          required
        />
        <Field {...field} name="host" label={say("host")} hint={say("hostHint")} value={url.searchParams.get("host")} />
        <button class="main">{say("retryThem")}</button>
      </MakingForm>
    </section>
  );
}
