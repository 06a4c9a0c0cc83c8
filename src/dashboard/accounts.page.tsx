// Accounts: for the operator, who signed in with ADMIN_TOKEN. Which there are, what each may do and has used, and the end of one link.

import { type Context, Hono } from "hono";
import type { Restricted, Tenant } from "../account/account.ts";
import { Problem } from "../http/problem.ts";
import { type Answer, ask, type JsonOf } from "./ask.ts";
import { Act, Confirm, Field, type Filled, readForm, type Sent } from "./forms.tsx";
import { answerHtml, Code, Page, Refusal, ShownOnce, Table, Theirs, Time } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

type Account = JsonOf<Omit<Restricted, "revision">>;
interface Accounts {
  accounts: JsonOf<Tenant>[];
  next_cursor: string | null;
}
interface Made {
  sid: string;
  token: string;
}

const CAPS = ["messages_per_day", "links_per_day"] as const;

export const accountPages = new Hono<PageEnv>()
  .use(async (c, next) => {
    // To everybody else these pages are not there.
    if (!c.get("account").isAdmin)
      throw new Problem({ status: 404, slug: "not-found", title: "There is no such page" });
    await next();
  })
  .get("/", (c) => answerAccounts(c, {}))
  .post("/", async (c) => {
    const sent = await readForm(c);
    const made = await ask<Made>(viewOf(c), "POST", "/api/accounts", { name: sent["name"]?.trim() });
    return made.kind === "ok"
      ? answerAccounts(c, {}, made.body)
      : answerAccounts(c, { sent: { name: sent["name"] ?? "" }, refused: made });
  })
  .get("/:sid", (c) => answerAccount(c, {}))
  .post("/:sid", async (c) => {
    const sent = await readForm(c);
    const changed = await ask(viewOf(c), "PATCH", pathOf(c), restrictionsOf(sent));
    return changed.kind === "ok" ? backTo(c) : answerAccount(c, { sent, refused: changed });
  })
  .post("/:sid/suspend", (c) => suspend(c, true))
  .post("/:sid/resume", (c) => suspend(c, false))
  .post("/:sid/end-link", async (c) => {
    const sent = await readForm(c);
    const { code = "", reason = "" } = sent;
    const query = new URLSearchParams({ reason: reason.trim() });
    const path = `${pathOf(c)}/links/${encodeURIComponent(code.trim())}?${query.toString()}`;
    const ended = await ask(viewOf(c), "DELETE", path);
    return ended.kind === "ok" ? backTo(c) : answerAccount(c, { sent, refused: ended });
  })
  .post("/:sid/close", async (c) => {
    const closed = await ask(viewOf(c), "DELETE", pathOf(c));
    return closed.kind === "ok" ? c.redirect("/dashboard/accounts", 303) : answerAccount(c, { refused: closed });
  });

async function suspend(c: Context<PageEnv>, suspended: boolean): Promise<Response> {
  const changed = await ask(viewOf(c), "PATCH", pathOf(c), { suspended });
  return changed.kind === "ok" ? backTo(c) : answerAccount(c, { refused: changed });
}

function sidIn(c: Context): string {
  return encodeURIComponent(c.req.param("sid") ?? "");
}

function pathOf(c: Context): string {
  return `/api/accounts/${sidIn(c)}`;
}

function backTo(c: Context): Response {
  return c.redirect(`/dashboard/accounts/${sidIn(c)}?done=1`, 303);
}

/** What is no number goes as it was typed, and is refused by its name. */
function capOf(text: string): number | string | null {
  return /^\d+$/.test(text) ? Number(text) : text || null;
}

/** An emptied field is no restriction. */
function restrictionsOf(sent: Sent): object {
  const caps = CAPS.map((name) => [name, capOf(sent[name]?.trim() ?? "")]);
  const senders = (sent["senders"] ?? "").split(/[,\s]+/).filter(Boolean);
  return { ...Object.fromEntries(caps), senders: senders.length === 0 ? null : senders };
}

async function answerAccounts(c: Context<PageEnv>, filled: Filled, made?: Made): Promise<Response> {
  const view = viewOf(c);
  const cursor = view.url.searchParams.get("cursor");
  const query = cursor === null ? "" : `?${new URLSearchParams({ cursor }).toString()}`;
  const found = await ask<Accounts>(view, "GET", `/api/accounts${query}`);
  const status = filled.refused?.status ?? (found.kind === "ok" ? 200 : found.status);
  return answerHtml(<AccountList view={view} found={found} filled={filled} made={made} />, status);
}

async function answerAccount(c: Context<PageEnv>, filled: Filled): Promise<Response> {
  const view = viewOf(c);
  const found = await ask<Account>(view, "GET", pathOf(c));
  const status = filled.refused?.status ?? (found.kind === "ok" ? 200 : found.status);
  return answerHtml(<OneAccount view={view} found={found} filled={filled} />, status);
}

function AccountList({
  view,
  found,
  filled,
  made,
}: {
  view: View;
  found: Answer<Accounts>;
  filled: Filled;
  made: Made | undefined;
}) {
  const { say } = view;
  return (
    <Page view={view} title={say("accounts")} here="accounts">
      <h1>{say("accounts")}</h1>
      {made !== undefined && <ShownOnce view={view} sentence={say("shown_token")} text={made.token} />}
      <Refusal view={view} refused={filled.refused} />
      <Confirm summary={say("newAccount")}>
        <form method="post" action="/dashboard/accounts" class="sheet">
          <Field
            reader={view}
            filled={filled}
            name="name"
            label={say("accountName")}
            hint={say("accountNameHint")}
            required
          />
          <button class="main">{say("newAccount")}</button>
        </form>
      </Confirm>
      {found.kind === "refused" ? (
        <Refusal view={view} refused={found} />
      ) : (
        <>
          {found.body.accounts.length === 0 && <p>{say("noAccounts")}</p>}
          {found.body.accounts.length > 0 && (
            <Table label={say("accounts")} head={[say("name"), say("account"), say("made")]}>
              {found.body.accounts.map(({ sid, name, created_at: createdAt }) => (
                <tr>
                  <th scope="row">
                    <a href={`/dashboard/accounts/${sid}`}>
                      <Theirs>{name}</Theirs>
                    </a>
                  </th>
                  <td>
                    <Code>{sid}</Code>
                  </td>
                  <td>
                    <Time view={view} at={createdAt} />
                  </td>
                </tr>
              ))}
            </Table>
          )}
          {found.body.next_cursor !== null && (
            <p>
              <a href={`?${new URLSearchParams({ cursor: found.body.next_cursor }).toString()}`}>{say("more")}</a>
            </p>
          )}
        </>
      )}
    </Page>
  );
}

function OneAccount({ view, found, filled }: { view: View; found: Answer<Account>; filled: Filled }) {
  const { say, url } = view;
  if (found.kind === "refused")
    return (
      <Page view={view} title={say("account")} here="accounts">
        <h1>{say("account")}</h1>
        <Refusal view={view} refused={found} />
      </Page>
    );
  const { sid, name, created_at: createdAt, suspended_at: suspendedAt, used, senders, ...caps } = found.body;
  const path = `/dashboard/accounts/${sid}`;
  const labels = { messages_per_day: say("messagesPerDay"), links_per_day: say("linksPerDay") };
  return (
    <Page view={view} title={name} here="accounts">
      <h1>
        <Theirs>{name}</Theirs>
      </h1>
      {url.searchParams.has("done") && <p class="note good">{say("done")}</p>}
      <Refusal view={view} refused={filled.refused} />
      <dl class="facts">
        <dt>{say("account")}</dt>
        <dd>
          <Code>{sid}</Code>
        </dd>
        <dt>{say("made")}</dt>
        <dd>
          <Time view={view} at={createdAt} />
        </dd>
        <dt>{say("usedToday")}</dt>
        <dd>{say("usedSays", { ...numbersOf(view, used.today) })}</dd>
        <dt>{say("usedThisMonth")}</dt>
        <dd>{say("usedSays", { ...numbersOf(view, used.month) })}</dd>
      </dl>
      <section>
        <h2>{say("suspending")}</h2>
        {suspendedAt === null ? (
          <Confirm summary={say("suspend")}>
            <p>{say("suspendHint")}</p>
            <Act action={`${path}/suspend`} label={say("suspend")} isBad />
          </Confirm>
        ) : (
          <>
            <p class="note bad">
              {say("suspendedSince")} <Time view={view} at={suspendedAt} />
            </p>
            <Act action={`${path}/resume`} label={say("liftSuspension")} />
          </>
        )}
      </section>
      <section>
        <h2>{say("restrictions")}</h2>
        <form method="post" action={path} class="sheet">
          {CAPS.map((cap) => (
            <Field
              reader={view}
              filled={filled}
              name={cap}
              label={labels[cap]}
              hint={say("capHint")}
              value={caps[cap]?.toString()}
            />
          ))}
          <Field
            reader={view}
            filled={filled}
            name="senders"
            label={say("senders")}
            hint={say("sendersHint")}
            value={senders?.join(", ")}
          />
          <button class="main">{say("save")}</button>
        </form>
      </section>
      <section>
        <h2>{say("endLink")}</h2>
        <Confirm summary={say("endLink")}>
          <form method="post" action={`${path}/end-link`} class="sheet">
            <Field reader={view} filled={filled} name="code" label={say("code")} required />
            <Field
              reader={view}
              filled={filled}
              name="reason"
              label={say("reason")}
              hint={say("reasonHint")}
              required
            />
            <button class="danger">{say("endLinkNow")}</button>
          </form>
        </Confirm>
      </section>
      {sid !== view.account.sid && (
        <section>
          <h2>{say("closeAccount")}</h2>
          <Confirm summary={say("closeAccount")}>
            <p>{say("closeAccountHint")}</p>
            <Act action={`${path}/close`} label={say("closeAccount")} isBad />
          </Confirm>
        </section>
      )}
    </Page>
  );
}

function numbersOf({ number }: View, { links, messages }: { links: number; messages: number }) {
  return { links: number(links), messages: number(messages) };
}
