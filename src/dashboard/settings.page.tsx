// Settings: where callbacks go, what recipients are shown, tokens, who is signed in, and forgetting a number.

import { type Context, Hono } from "hono";
import type { Child } from "hono/jsx";
import { type Scope, SCOPES } from "../account/scopes.ts";
import type { sessionView } from "../account/sign-in-links.route.ts";
import type { AccountView } from "../account/account.ts";
import { type Answer, ask, type JsonOf } from "./ask.ts";
import { Act, Confirm, Field, type Filled, readForm, type Sent } from "./forms.tsx";
import { answerHtml, Code, Page, Refusal, ShownOnce, Table, Theirs, Time } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { typedNumber } from "./typed-number.ts";
import { type View, viewOf } from "./view.ts";

type Account = JsonOf<Required<Omit<AccountView, "revision">>>;
interface Sessions {
  sessions: JsonOf<ReturnType<typeof sessionView>>[];
}

/** What is shown once, in answer to a form. */
interface Shown {
  what: "token" | "callback_secret" | "url";
  text: string;
}

/** What a form of this page came to. */
interface Outcome {
  /** Which form it was. */
  form?: string;
  filled?: Filled;
  shown?: Shown;
  erased?: number;
  tested?: CallbackTest;
}

interface CallbackTest {
  status: number | null;
  error: string | null;
  duration_ms: number;
}

const ADDRESSES = ["callback_url", "fallback_url", "support_url", "alert_url"] as const;
const DAY_SECONDS = 86_400;

export const settingsPages = new Hono<PageEnv>()
  .get("/", (c) => answerSettings(c, {}))
  .post("/", async (c) => {
    const sent = await readForm(c);
    const addresses = Object.fromEntries(ADDRESSES.map((name) => [name, sent[name]?.trim() || null]));
    const changed = await ask(viewOf(c), "PATCH", "/api/account", { name: sent["name"], ...addresses });
    return changed.kind === "ok" ? done(c) : answerSettings(c, { form: "account", filled: { sent, refused: changed } });
  })
  .post("/test", async (c) => {
    const tested = await ask<CallbackTest>(viewOf(c), "POST", "/api/account/callback-test");
    if (tested.kind === "ok") return answerSettings(c, { form: "secret", tested: tested.body });
    return answerSettings(c, { form: "secret", filled: { refused: tested } });
  })
  .post("/secret", (c) => answerMade(c, "secret", {}, "callback_secret", "/api/account/callback-secret"))
  .post("/tokens", async (c) => {
    const sent = await readForm(c);
    const seconds = sent["days"] ? { expires_in_seconds: Number(sent["days"]) * DAY_SECONDS } : {};
    return answerMade(c, "tokens", sent, "token", "/api/account/tokens", { ...termsOf(sent), ...seconds });
  })
  .post("/tokens/:id/revoke", async (c) => {
    const revoked = await ask(viewOf(c), "DELETE", `/api/account/tokens/${encodeURIComponent(c.req.param("id"))}`);
    return revoked.kind === "ok" ? done(c) : answerSettings(c, { form: "tokens", filled: { refused: revoked } });
  })
  .post("/sign-in-links", async (c) => {
    const sent = await readForm(c);
    return answerMade(c, "people", sent, "url", "/api/account/sign-in-links", termsOf(sent));
  })
  .post("/sessions/:id/end", async (c) => {
    const ended = await ask(viewOf(c), "DELETE", `/api/account/sessions/${encodeURIComponent(c.req.param("id"))}`);
    return ended.kind === "ok" ? done(c) : answerSettings(c, { form: "people", filled: { refused: ended } });
  })
  .post("/forget", async (c) => {
    const sent = await readForm(c);
    const view = viewOf(c);
    const recipient = typedNumber(sent["recipient"], view.account.country);
    const erased = await ask<{ erased: number }>(view, "POST", "/sms/forget", { recipient });
    if (erased.kind === "ok") return answerSettings(c, { form: "forget", erased: erased.body.erased });
    return answerSettings(c, { form: "forget", filled: { sent, refused: erased } });
  });

function done(c: Context): Response {
  return c.redirect("/dashboard/settings?done=1", 303);
}

function termsOf({ name, scope }: Sent): object {
  return { name: name?.trim() || null, scopes: [scope] };
}

/** Makes what is shown once, and shows it. */
async function answerMade(
  c: Context<PageEnv>,
  form: string,
  sent: Sent,
  what: Shown["what"],
  path: string,
  body?: object,
) {
  const made = await ask<Partial<Record<string, string>>>(viewOf(c), "POST", path, body);
  if (made.kind === "refused") return answerSettings(c, { form, filled: { sent, refused: made } });
  return answerSettings(c, { form, shown: { what, text: made.body[what] ?? "" } });
}

async function answerSettings(c: Context<PageEnv>, outcome: Outcome): Promise<Response> {
  const view = viewOf(c);
  const [account, sessions] = await Promise.all([
    ask<Account>(view, "GET", "/api/account"),
    ask<Sessions>(view, "GET", "/api/account/sessions"),
  ]);
  const status = outcome.filled?.refused?.status ?? 200;
  return answerHtml(<Settings view={view} account={account} sessions={sessions} outcome={outcome} />, status);
}

interface Parts {
  view: View;
  outcome: Outcome;
}

function Settings({
  view,
  account,
  sessions,
  outcome,
}: Parts & { account: Answer<Account>; sessions: Answer<Sessions> }) {
  const { say, url } = view;
  const isOwner = view.may();
  return (
    <Page view={view} title={say("settings")} here="settings">
      <h1>{say("settings")}</h1>
      {url.searchParams.has("done") && <p class="note good">{say("done")}</p>}
      {!isOwner && <p class="note">{say("ownerOnly")}</p>}
      {view.may("read") && (
        <p>
          <a href="/dashboard/settings/data">{say("sheetsAndFiles")}</a> ·{" "}
          <a href="/dashboard/settings/activity">{say("whoDidWhat")}</a> ·{" "}
          <a href="/dashboard/preview">{say("phoneSees")}</a>
        </p>
      )}
      {account.kind === "refused" ? (
        <Refusal view={view} refused={account} />
      ) : (
        <>
          <AccountSection view={view} outcome={outcome} account={account.body} />
          {isOwner && <SecretSection view={view} outcome={outcome} />}
          <TokenSection view={view} outcome={outcome} account={account.body} />
        </>
      )}
      {sessions.kind === "refused" ? (
        <Refusal view={view} refused={sessions} />
      ) : (
        <PeopleSection view={view} outcome={outcome} sessions={sessions.body.sessions} />
      )}
      {isOwner && <ForgetSection view={view} outcome={outcome} />}
    </Page>
  );
}

/** A section, with what its form came to above it. */
function Section({ view, outcome, name, title, children }: Parts & { name: string; title: string; children?: Child }) {
  const mine = outcome.form === name ? outcome : {};
  return (
    <section id={name}>
      <h2>{title}</h2>
      <Refusal view={view} refused={mine.filled?.refused} />
      {mine.shown !== undefined && (
        <ShownOnce view={view} sentence={view.say(`shown_${mine.shown.what}`)} text={mine.shown.text} />
      )}
      {children}
    </section>
  );
}

function filledOf({ form, filled = {} }: Outcome, name: string): Filled {
  return form === name ? filled : {};
}

function AccountSection({ view, outcome, account }: Parts & { account: Account }) {
  const { say } = view;
  const field = { reader: view, filled: filledOf(outcome, "account") };
  const labels = {
    callback_url: say("callbackUrl"),
    fallback_url: say("fallbackUrl"),
    support_url: say("supportUrl"),
    alert_url: say("alertUrl"),
  };
  const hints = {
    callback_url: say("callbackUrlHint"),
    fallback_url: say("fallbackUrlHint"),
    support_url: say("supportUrlHint"),
    alert_url: say("alertUrlHint"),
  };
  return (
    <Section view={view} outcome={outcome} name="account" title={say("account")}>
      {view.may() ? (
        <form method="post" action="/dashboard/settings#account" class="sheet">
          <Field
            {...field}
            name="name"
            label={say("accountName")}
            hint={say("accountNameHint")}
            value={account.name}
            required
          />
          {ADDRESSES.map((name) => (
            <Field
              {...field}
              name={name}
              label={labels[name]}
              hint={hints[name]}
              value={account[name]}
              inputmode="url"
            />
          ))}
          <button class="main">{say("save")}</button>
        </form>
      ) : (
        <dl class="facts">
          <dt>{say("accountName")}</dt>
          <dd>
            <Theirs>{account.name}</Theirs>
          </dd>
          {ADDRESSES.map((name) => (
            <>
              <dt>{labels[name]}</dt>
              <dd>
                <Code>{account[name] ?? "–"}</Code>
              </dd>
            </>
          ))}
        </dl>
      )}
    </Section>
  );
}

function SecretSection({ view, outcome }: Parts) {
  const { say } = view;
  return (
    <Section view={view} outcome={outcome} name="secret" title={say("secret")}>
      <p class="says">{say("secretSays")}</p>
      {outcome.tested !== undefined && (
        <p class={outcome.tested.status === 200 ? "note good" : "note bad"} role="status">
          {say(outcome.tested.status === 200 ? "testGood" : "testBad", { ms: outcome.tested.duration_ms })}{" "}
          <Theirs>{outcome.tested.error ?? outcome.tested.status}</Theirs>
        </p>
      )}
      <Act action="/dashboard/settings/test#secret" label={say("testCallback")} />
      <Confirm summary={say("newSecret")}>
        <p>{say("newSecretHint")}</p>
        <Act action="/dashboard/settings/secret#secret" label={say("newSecretNow")} />
      </Confirm>
    </Section>
  );
}

function TokenSection({ view, outcome, account }: Parts & { account: Account }) {
  const { say } = view;
  const filled = filledOf(outcome, "tokens");
  return (
    <Section view={view} outcome={outcome} name="tokens" title={say("tokens")}>
      <p class="says">{say("tokensSay")}</p>
      {account.tokens.length > 0 && (
        <Table
          label={say("tokens")}
          head={[say("name"), say("mayDo"), say("made"), say("expires"), say("lastUsed"), say("change")]}
        >
          {account.tokens.map((token) => (
            <tr>
              <th scope="row">
                <Theirs>{token.name ?? token.id}</Theirs>
              </th>
              <td>{token.scopes.join(", ")}</td>
              <td>
                <Time view={view} at={token.created_at} />
              </td>
              <td>
                <Time view={view} at={token.expires_at} />
              </td>
              <td>{token.last_used_on ?? "–"}</td>
              <td>
                {view.may() && (
                  <Act action={`/dashboard/settings/tokens/${token.id}/revoke`} label={say("revoke")} isBad />
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {view.may() && (
        <Confirm summary={say("newToken")}>
          <form method="post" action="/dashboard/settings/tokens#tokens" class="sheet">
            <Field reader={view} filled={filled} name="name" label={say("name")} />
            <Scopes view={view} id="token-scope" usual="full" />
            <Field reader={view} filled={filled} name="days" label={say("daysValid")} hint={say("daysValidHint")} />
            <button class="main">{say("newToken")}</button>
          </form>
        </Confirm>
      )}
    </Section>
  );
}

function PeopleSection({ view, outcome, sessions }: Parts & { sessions: Sessions["sessions"] }) {
  const { say, account } = view;
  return (
    <Section view={view} outcome={outcome} name="people" title={say("signedIn")}>
      <Table label={say("signedIn")} head={[say("name"), say("mayDo"), say("since"), say("expires"), say("change")]}>
        {sessions.map((session) => (
          <tr>
            <th scope="row">
              <Theirs>{session.name ?? say(session.id === account.sessionId ? "you" : "byToken")}</Theirs>{" "}
              {session.is_link && <span class="soft">({say("linkUnused")})</span>}
            </th>
            <td>{session.scopes?.join(", ") ?? say("asToken")}</td>
            <td>
              <Time view={view} at={session.created_at} />
            </td>
            <td>
              <Time view={view} at={session.expires_at} />
            </td>
            <td>
              {view.may() && session.id !== account.sessionId && (
                <Act action={`/dashboard/settings/sessions/${session.id}/end`} label={say("end")} isBad />
              )}
            </td>
          </tr>
        ))}
      </Table>
      {view.may() && (
        <Confirm summary={say("newSignInLink")}>
          <p>{say("signInLinkHint")}</p>
          <form method="post" action="/dashboard/settings/sign-in-links#people" class="sheet">
            <div class="field">
              <label for="link-name">{say("name")}</label>
              <input id="link-name" name="name" maxlength={100} />
            </div>
            <Scopes view={view} id="link-scope" usual="read" />
            <button class="main">{say("newSignInLink")}</button>
          </form>
        </Confirm>
      )}
    </Section>
  );
}

function Scopes({ view, id, usual }: { view: View; id: string; usual: Scope }) {
  return (
    <div class="field">
      <label for={id}>{view.say("mayDo")}</label>
      <select id={id} name="scope">
        {SCOPES.map((scope) => (
          <option value={scope} selected={scope === usual}>
            {view.say(`scope_${scope}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function ForgetSection({ view, outcome }: Parts) {
  const { say } = view;
  return (
    <Section view={view} outcome={outcome} name="forget" title={say("forget")}>
      <p class="says">{say("forgetSays")}</p>
      {outcome.erased !== undefined && (
        <p class="note good" role="status">
          {say("forgotten", { n: outcome.erased })}
        </p>
      )}
      <Confirm summary={say("forget")}>
        <form method="post" action="/dashboard/settings/forget#forget" class="sheet">
          <Field
            reader={view}
            filled={filledOf(outcome, "forget")}
            name="recipient"
            label={say("recipient")}
            hint={say("recipientHint")}
            type="tel"
            inputmode="tel"
            required
          />
          <button class="danger">{say("eraseNow")}</button>
        </form>
      </Confirm>
    </Section>
  );
}
