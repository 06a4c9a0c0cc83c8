// Links: the list, making one, and one link with all that happened to it.

import { type Context, Hono } from "hono";
import type { listedView, statusView } from "../status/link-view.ts";
import { type Answer, ask, askFor, type JsonOf } from "./ask.ts";
import { Filters, listQuery, Older } from "./filters.tsx";
import { Act, Confirm, Field, type Filled, MakingForm, readForm, type Sent } from "./forms.tsx";
import { answerHtml, Code, Page, Refusal, Table, Theirs, Time } from "./page.tsx";
import { Pins } from "./pins.tsx";
import { OnATap } from "./preview.page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

type ListedLink = JsonOf<ReturnType<typeof listedView>>;
type LinkStatus = JsonOf<ReturnType<typeof statusView>>;
interface LinkList {
  links: ListedLink[];
  next_cursor: string | null;
}

const DAY_SECONDS = 86_400;

export const linkPages = new Hono<PageEnv>()
  .get("/", async (c) => {
    const view = viewOf(c);
    const found = await ask<LinkList>(view, "GET", `/api/links?${listQuery(view.url)}`);
    return answerHtml(<Links view={view} found={found} />, statusOf(found));
  })
  .get("/new", (c) => answerHtml(<NewLink view={viewOf(c)} />))
  .post("/new", async (c) => {
    const view = viewOf(c);
    const sent = await readForm(c);
    const made = await ask<ListedLink>(view, "POST", "/api/links", newLink(sent), sent["key"]);
    if (made.kind === "ok") return c.redirect(`/dashboard/links/${made.body.code}?made=1`, 303);
    return answerHtml(<NewLink view={view} filled={{ sent, refused: made }} />, made.status);
  })
  .get("/:code", async (c) => answerLink(c, {}))
  .post("/:code", async (c) => {
    const view = viewOf(c);
    const sent = await readForm(c);
    const changed = await ask(view, "PATCH", pathOf(c), changesOf(sent));
    return changed.kind === "ok" ? backTo(c, "changed") : answerLink(c, { sent, refused: changed });
  })
  .post("/:code/end", async (c) => {
    const ended = await ask(viewOf(c), "DELETE", pathOf(c));
    return ended.kind === "ok" ? c.redirect("/dashboard/links", 303) : answerLink(c, { refused: ended });
  })
  .post("/:code/retry", async (c) => {
    const retried = await ask(viewOf(c), "POST", `${pathOf(c)}/callback/retry`);
    return retried.kind === "ok" ? backTo(c, "retried") : answerLink(c, { refused: retried });
  })
  .get("/:code/qr.svg", (c) => askFor(viewOf(c), `${pathOf(c)}/qr.svg`))
  .get("/:code/qr.png", (c) => askFor(viewOf(c), `${pathOf(c)}/qr.png`));

function pathOf(c: Context): string {
  return `/api/links/${encodeURIComponent(c.req.param("code") ?? "")}`;
}

function backTo(c: Context, done: "changed" | "retried"): Response {
  return c.redirect(`/dashboard/links/${encodeURIComponent(c.req.param("code") ?? "")}?done=${done}`, 303);
}

function statusOf(found: Answer<unknown>): number {
  return found.kind === "ok" ? 200 : found.status;
}

/** What was left empty is left out. */
function filledIn(fields: Sent): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value ? [[name, value.trim()]] : [])));
}

function tagsOf(text = ""): string[] {
  return text.split(",").flatMap((tag) => tag.trim() || []);
}

function newLink({ tags, days, ...fields }: Sent): object {
  const filled = filledIn(fields);
  delete filled["key"];
  return {
    url: "",
    ...filled,
    ...(tags && { tags: tagsOf(tags) }),
    ...(days && { expires_in_seconds: Number(days) * DAY_SECONDS }),
  };
}

/** An emptied field is none. A destination that stays is left out: an account that is suspended may change the others. */
function changesOf({ url = "", url_before, callback_url, tags, reference }: Sent): object {
  return {
    ...(url.trim() !== url_before && { url: url.trim() }),
    callback_url: callback_url?.trim() || null,
    tags: tagsOf(tags),
    reference: reference?.trim() || null,
  };
}

function Links({ view, found }: { view: View; found: Answer<LinkList> }) {
  const { say } = view;
  const next = found.kind === "ok" ? found.body.next_cursor : null;
  return (
    <Page view={view} title={say("links")} here="links">
      <div class="title">
        <h1>{say("links")}</h1>
        {view.may("links") && (
          <a class="button main" href="/dashboard/links/new">
            {say("newLink")}
          </a>
        )}
      </div>
      <Filters view={view} here="/dashboard/links" />
      <Pins view={view} />
      {found.kind === "refused" ? (
        <Refusal view={view} refused={found} />
      ) : found.body.links.length === 0 ? (
        <p class="note">{say("noLinks")}</p>
      ) : (
        <Table
          label={say("links")}
          head={[say("shortUrl"), say("destination"), say("made"), say("firstOpened"), say("tags"), say("reference")]}
        >
          {found.body.links.map((link) => (
            <tr>
              <th scope="row">
                <a href={`/dashboard/links/${link.code}`}>
                  <Code>{link.code}</Code>
                </a>
              </th>
              <td class="long">
                <Code>{shortened(link.url)}</Code>
              </td>
              <td>
                <Time view={view} at={link.created_at} />
              </td>
              <td>
                {link.first_accessed_at === null ? (
                  <span class="soft">{say("notOpened")}</span>
                ) : (
                  <Time view={view} at={link.first_accessed_at} />
                )}
              </td>
              <td>
                <Theirs>{link.tags.join(", ")}</Theirs>
              </td>
              <td>
                <Theirs>{link.reference}</Theirs>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Older view={view} next={next} />
    </Page>
  );
}

const LONGEST_IN_LIST = 80;

function shortened(text: string): string {
  return text.length > LONGEST_IN_LIST ? `${text.slice(0, LONGEST_IN_LIST)}…` : text;
}

function NewLink({ view, filled = {} }: { view: View; filled?: Filled }) {
  const { say } = view;
  const field = { reader: view, filled };
  return (
    <Page view={view} title={say("newLink")} here="links">
      <h1>{say("newLink")}</h1>
      <Refusal view={view} refused={filled.refused} />
      {view.may("links") ? (
        <MakingForm action="/dashboard/links/new" filled={filled}>
          <Field
            {...field}
            name="url"
            label={say("destination")}
            hint={say("destinationHint")}
            inputmode="url"
            required
          />
          <Field {...field} name="reference" label={say("reference")} hint={say("referenceHint")} />
          <Field {...field} name="tags" label={say("tags")} hint={say("tagsHint")} />
          <details>
            <summary>{say("more")}</summary>
            <Field {...field} name="code" label={say("chosenCode")} hint={say("chosenCodeHint")} />
            <Field
              {...field}
              name="callback_url"
              label={say("callbackUrl")}
              hint={say("callbackUrlHint")}
              inputmode="url"
            />
            <Field {...field} name="days" label={say("daysOpen")} hint={say("daysOpenHint")} />
          </details>
          <button class="main">{say("makeLink")}</button>
        </MakingForm>
      ) : (
        <p class="note">{say("scopeHides")}</p>
      )}
    </Page>
  );
}

/** The page of one link; `filled`: a change of it that was refused. */
async function answerLink(c: Context<PageEnv>, filled: Filled): Promise<Response> {
  const view = viewOf(c);
  const found = await ask<LinkStatus>(view, "GET", pathOf(c));
  if (found.kind === "refused")
    return answerHtml(
      <Page view={view} title={view.say("link")} here="links">
        <h1>{view.say(found.status === 404 ? "noLink" : "link")}</h1>
        <Refusal view={view} refused={found} />
      </Page>,
      found.status,
    );
  return answerHtml(<OneLink view={view} link={found.body} filled={filled} />, filled.refused?.status ?? 200);
}

function OneLink({ view, link, filled }: { view: View; link: LinkStatus; filled: Filled }) {
  const { say, url, number } = view;
  const here = `/dashboard/links/${link.code}`;
  const done = url.searchParams.get("done");
  const leftOut =
    link.access_counts.preview + link.access_counts.prefetch + link.access_counts.scanner + link.access_counts.probe;
  const isOver = Date.parse(link.expires_at) <= view.now;
  return (
    <Page view={view} title={`${say("link")} ${link.code}`} here="links">
      <h1>
        {say("link")} <Code>{link.code}</Code>
      </h1>
      {url.searchParams.has("made") && <p class="note good">{say("linkMade")}</p>}
      {done === "changed" && <p class="note good">{say("linkChanged")}</p>}
      {done === "retried" && <p class="note good">{say("retryAccepted")}</p>}
      <Refusal view={view} refused={filled.refused} />
      {link.ended !== null && (
        <p class="note bad">
          {say("endedByOperator")} <Theirs>{link.ended.reason}</Theirs>
        </p>
      )}
      {isOver && <p class="note">{say("linkIsOver")}</p>}
      <div class="columns">
        <div>
          <p class="copyable">
            <output id="short-url" class="code big" dir="ltr">
              {link.short_url}
            </output>
            <button type="button" data-copy="short-url" hidden>
              {say("copy")}
            </button>
          </p>
          <dl class="facts">
            <dt>{say("destination")}</dt>
            <dd>
              <Code>{link.url}</Code>
            </dd>
            <dt>{say("made")}</dt>
            <dd>
              <Time view={view} at={link.created_at} />
            </dd>
            <dt>{say("expires")}</dt>
            <dd>
              <Time view={view} at={link.expires_at} />
            </dd>
            <dt>{say("reference")}</dt>
            <dd>
              <Theirs>{link.reference ?? "–"}</Theirs>
            </dd>
            <dt>{say("tags")}</dt>
            <dd>
              <Theirs>{link.tags.join(", ") || "–"}</Theirs>
            </dd>
            {link.msgid !== null && (
              <>
                <dt>{say("message")}</dt>
                <dd>
                  <a href={`/dashboard/messages/${link.msgid}`}>
                    <Code>{link.msgid}</Code>
                  </a>
                </dd>
              </>
            )}
          </dl>
        </div>
        <figure class="qr">
          <img src={`${here}/qr.svg`} alt={say("qrOf", { what: link.short_url })} width="180" height="180" />
          <figcaption>
            <a href={`${here}/qr.svg`} download={`${link.code}.svg`}>
              SVG
            </a>{" "}
            ·{" "}
            <a href={`${here}/qr.png`} download={`${link.code}.png`}>
              PNG
            </a>
          </figcaption>
        </figure>
      </div>
      <section>
        <h2>{say("accesses")}</h2>
        <p class="says">
          {link.access_counts.person === 0 ? say("nobodyYet") : say("openedTimes", { n: link.access_counts.person })}{" "}
          {leftOut > 0 && say("leftOut", { n: leftOut })}
        </p>
        {link.accesses.length > 0 && (
          <Table label={say("accesses")} head={[say("when"), say("who"), say("why"), say("device"), say("country")]}>
            {link.accesses.map((access) => (
              <tr class={access.kind === "person" ? "" : "soft"}>
                <th scope="row">
                  <Time view={view} at={access.at} />
                </th>
                <td>{say(access.kind)}</td>
                <td>
                  <Theirs>{access.reason}</Theirs>
                </td>
                <td>
                  <Theirs>{access.device}</Theirs>
                </td>
                <td>{countryName(view, access.country)}</td>
              </tr>
            ))}
          </Table>
        )}
      </section>
      <section>
        <h2>{say("callback")}</h2>
        <p class="says">
          {say(`callback_${link.callback.state}`, { n: link.callback.attempts.length })}
          {link.callback.next_attempt_at !== null && (
            <>
              {" "}
              {say("nextAttempt")} <Time view={view} at={link.callback.next_attempt_at} />
            </>
          )}
        </p>
        {link.callback.attempts.length > 0 && (
          <Table label={say("callback")} head={[say("when"), say("answer"), say("took")]}>
            {link.callback.attempts.map((attempt) => (
              <tr>
                <th scope="row">
                  <Time view={view} at={attempt.at} />
                </th>
                <td>{attempt.status ?? <Theirs>{attempt.error ?? say("noAnswerYet")}</Theirs>}</td>
                <td>{attempt.duration_ms === null ? "–" : `${number(attempt.duration_ms)} ms`}</td>
              </tr>
            ))}
          </Table>
        )}
        {(link.callback.state === "owed" || link.callback.state === "exhausted") &&
          (view.may("links", "support") ? (
            <Act action={`${here}/retry`} label={say("oneMoreAttempt")} />
          ) : (
            <p class="soft">{say("scopeHides")}</p>
          ))}
      </section>
      <OnATap view={view} link={{ ...link, isEnded: isOver || link.ended !== null }} />
      {view.may("links") ? (
        <section>
          <h2>{say("change")}</h2>
          <form method="post" action={here} class="sheet">
            <input type="hidden" name="url_before" value={link.url} />
            <Field
              reader={view}
              filled={filled}
              name="url"
              label={say("destination")}
              value={link.url}
              inputmode="url"
              required
            />
            <Field
              reader={view}
              filled={filled}
              name="callback_url"
              label={say("callbackUrl")}
              value={link.callback_url}
              inputmode="url"
            />
            <Field reader={view} filled={filled} name="reference" label={say("reference")} value={link.reference} />
            <Field
              reader={view}
              filled={filled}
              name="tags"
              label={say("tags")}
              hint={say("tagsHint")}
              value={link.tags.join(", ")}
            />
            <button>{say("save")}</button>
          </form>
          <Confirm summary={say("endLink")}>
            <p>{say("endLinkHint")}</p>
            <Act action={`${here}/end`} label={say("endLinkNow")} isBad />
          </Confirm>
        </section>
      ) : (
        <p class="soft">{say("scopeHides")}</p>
      )}
    </Page>
  );
}

function countryName({ lang }: View, country: string | null): string {
  if (country === null || !/^[A-Z]{2}$/.test(country)) return country ?? "–";
  return new Intl.DisplayNames(lang, { type: "region", fallback: "code" }).of(country) ?? country;
}
