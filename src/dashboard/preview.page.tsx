// What a recipient sees who gets no further: the very pages of taps, in each language that they speak, framed.

import { type Context, Hono } from "hono";
import { type AccountView, senderOf } from "../account/account.ts";
import { previewOf, PREVIEWS, type Shown } from "../http/page.ts";
import { PAGE_TEXTS } from "../http/page-texts.ts";
import { Problem } from "../http/problem.ts";
import { type Answer, ask, type JsonOf } from "./ask.ts";
import { answerHtml, CSP, Code, Page, Refusal } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

type Account = JsonOf<Required<Omit<AccountView, "revision">>>;

const LANGUAGES = Object.keys(PAGE_TEXTS);

export const previewPages = new Hono<PageEnv>()
  .get("/", async (c) => {
    const view = viewOf(c);
    const account = await ask<Account>(view, "GET", "/api/account");
    return answerHtml(<Preview view={view} account={account} />, 200, {
      "Content-Security-Policy": `${CSP}; frame-src 'self'`,
    });
  })
  .get("/:shows", async (c) => {
    const view = viewOf(c);
    const shows = PREVIEWS.find((one) => one === c.req.param("shows"));
    if (shows === undefined) throw new Problem({ status: 404, slug: "not-found", title: "There is no such page" });
    const account = await ask<Account>(view, "GET", "/api/account");
    // Only an ended link is known to be anybody's.
    const isNamed = shows === "ended" && account.kind === "ok";
    const sender = isNamed ? senderOf({ ...account.body, supportUrl: account.body.support_url }) : undefined;
    return previewOf(asked(c, "lang", LANGUAGES, view.lang), shows, sender);
  });

/** One of these, as the address says; else the usual. */
function asked<T extends string>(c: Context, name: string, known: readonly T[], usual: T): T {
  return known.find((one) => one === c.req.query(name)) ?? usual;
}

function Preview({ view, account }: { view: View; account: Answer<Account> }) {
  const { say, url } = view;
  const shows: Shown = PREVIEWS.find((one) => one === url.searchParams.get("shows")) ?? "ended";
  const lang = LANGUAGES.find((one) => one === url.searchParams.get("lang")) ?? view.lang;
  const names = new Intl.DisplayNames(view.lang, { type: "language", fallback: "code" });
  return (
    <Page view={view} title={say("phoneSees")} here="settings">
      <h1>{say("phoneSees")}</h1>
      <p class="says">{say("phoneSeesSays")}</p>
      <form class="inline">
        <label>
          {say("page")}{" "}
          <select name="shows">
            {PREVIEWS.map((one) => (
              <option value={one} selected={one === shows}>
                {say(`preview_${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say("language")}{" "}
          <select name="lang">
            {LANGUAGES.map((one) => (
              <option value={one} selected={one === lang}>
                {names.of(one) ?? one}
              </option>
            ))}
          </select>
        </label>
        <button>{say("show")}</button>
      </form>
      {account.kind === "refused" && <Refusal view={view} refused={account} />}
      {shows === "ended" && account.kind === "ok" && account.body.fallback_url !== null && (
        <p class="note">
          {say("fallbackInstead")} <Code>{account.body.fallback_url}</Code>
        </p>
      )}
      <iframe
        class="phone"
        title={`${say("phoneSees")}: ${say(`preview_${shows}`)}, ${names.of(lang) ?? lang}`}
        sandbox=""
        src={`/dashboard/preview/${shows}?lang=${lang}`}
      ></iframe>
    </Page>
  );
}

export interface TappedLink {
  url: string;
  callback_url: string | null;
  expires_at: string;
  isEnded: boolean;
}

/** What happens when a recipient taps this link, in words. */
export function OnATap({ view, link }: { view: View; link: TappedLink }) {
  const { say } = view;
  return (
    <section>
      <h2>{say("onATap")}</h2>
      <ul class="says">
        {link.isEnded ? (
          <li>{say("tapEnded")}</li>
        ) : (
          <>
            <li>
              {say("tapLeads")} <Code>{link.url}</Code>
            </li>
            <li>
              {link.callback_url === null ? (
                say("tapTellsNobody")
              ) : (
                <>
                  {say("tapTells")} <Code>{link.callback_url}</Code>
                </>
              )}
            </li>
            <li>{say("tapOfMachines")}</li>
            <li>{say("tapLater", { at: view.moment(link.expires_at) })}</li>
          </>
        )}
      </ul>
      <p>
        <a href="/dashboard/preview?shows=ended">{say("phoneSees")}</a>
      </p>
    </section>
  );
}
