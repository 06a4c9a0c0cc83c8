// What leaves for spreadsheets and archives: feeds with their ready formula, and downloads of everything.

import { type Context, Hono } from "hono";
import { EXPORT_NAMES } from "../export/exports.ts";
import { type FeedFacts, NUMBERS } from "../feed/feeds.ts";
import { ask, askFor, type Answer, type JsonOf } from "./ask.ts";
import { Act, Confirm, Field, type Filled, readForm } from "./forms.tsx";
import { answerHtml, Page, Refusal, Table, Theirs, Time } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

type Feed = JsonOf<FeedFacts>;
interface Exports {
  exports: { name: (typeof EXPORT_NAMES)[number]; csv: string; ndjson: string; spreadsheet: string }[];
}

const HERE = "/dashboard/settings/data";
/** What a sheet of messages, or of links, usually begins with. */
const COLUMNS = {
  messages: "sent_time,recipient,status,lt_accessed,lt_accessed_on,tags",
  links: "created_at,short_url,url,accessed,first_accessed_at,reference,tags",
} as const;

export const dataPages = new Hono<PageEnv>()
  .get("/", (c) => answerData(c, {}))
  .post("/feeds", async (c) => {
    const sent = await readForm(c);
    const terms = { name: sent["name"]?.trim() || null, numbers: sent["numbers"] };
    const made = await ask<{ url: string }>(viewOf(c), "POST", "/api/account/feeds", terms);
    return made.kind === "ok" ? answerData(c, {}, made.body.url) : answerData(c, { sent, refused: made });
  })
  .post("/feeds/:id/revoke", async (c) => {
    const revoked = await ask(viewOf(c), "DELETE", `/api/account/feeds/${encodeURIComponent(c.req.param("id"))}`);
    return revoked.kind === "ok" ? c.redirect(`${HERE}?done=1`, 303) : answerData(c, { refused: revoked });
  })
  .get("/:file", (c) => {
    const view = viewOf(c);
    return askFor(view, `/api/export/${encodeURIComponent(c.req.param("file"))}${view.url.search}`);
  });

/** @param made the address of a new feed, which is shown once */
async function answerData(c: Context<PageEnv>, filled: Filled, made?: string): Promise<Response> {
  const view = viewOf(c);
  const [feeds, exports] = await Promise.all([
    ask<{ feeds: Feed[] }>(view, "GET", "/api/account/feeds"),
    ask<Exports>(view, "GET", "/api/account/export"),
  ]);
  const status = filled.refused?.status ?? (feeds.kind === "ok" ? 200 : feeds.status);
  return answerHtml(<Data view={view} feeds={feeds} exports={exports} filled={filled} made={made} />, status);
}

interface Parts {
  view: View;
  filled: Filled;
  made: string | undefined;
}

function Data({ feeds, exports, ...parts }: Parts & { feeds: Answer<{ feeds: Feed[] }>; exports: Answer<Exports> }) {
  const { view, filled } = parts;
  const { say, url } = view;
  return (
    <Page view={view} title={say("sheetsAndFiles")} here="settings">
      <h1>{say("sheetsAndFiles")}</h1>
      {url.searchParams.has("done") && <p class="note good">{say("done")}</p>}
      <Refusal view={view} refused={filled.refused} />
      {feeds.kind === "refused" ? (
        <Refusal view={view} refused={feeds} />
      ) : (
        <FeedSection {...parts} feeds={feeds.body.feeds} />
      )}
      {exports.kind === "ok" && <ExportSection view={view} exports={exports.body.exports} />}
    </Page>
  );
}

function FeedSection({ view, filled, made, feeds }: Parts & { feeds: Feed[] }) {
  const { say } = view;
  return (
    <section id="feeds">
      <h2>{say("feeds")}</h2>
      <p class="says">{say("feedsSay")}</p>
      {made !== undefined && <MadeFeed view={view} url={made} />}
      {feeds.length > 0 && (
        <Table
          label={say("feeds")}
          head={[say("name"), say("numbersShown"), say("made"), say("lastUsed"), say("revoke")]}
        >
          {feeds.map((feed) => (
            <tr>
              <th scope="row">
                <Theirs>{feed.name ?? "–"}</Theirs>
              </th>
              <td>{say(`numbers_${feed.numbers}`)}</td>
              <td>
                <Time view={view} at={feed.created_at} />
              </td>
              <td>{feed.last_used_on ?? "–"}</td>
              <td>{view.may() && <Act action={`${HERE}/feeds/${feed.id}/revoke`} label={say("revoke")} isBad />}</td>
            </tr>
          ))}
        </Table>
      )}
      {view.may() ? (
        <Confirm summary={say("newFeed")}>
          <form method="post" action={`${HERE}/feeds#feeds`} class="sheet">
            <Field reader={view} filled={filled} name="name" label={say("name")} hint={say("feedNameHint")} />
            <div class="field">
              <label for="numbers">{say("numbersShown")}</label>
              <select id="numbers" name="numbers">
                {NUMBERS.map((numbers) => (
                  <option value={numbers} selected={numbers === (filled.sent?.["numbers"] ?? "last4")}>
                    {say(`numbers_${numbers}`)}
                  </option>
                ))}
              </select>
            </div>
            <button class="main">{say("newFeed")}</button>
          </form>
        </Confirm>
      ) : (
        <p class="soft">{say("ownerOnly")}</p>
      )}
    </section>
  );
}

/** The address of a feed and its formulas. */
function MadeFeed({ view, url }: { view: View; url: string }) {
  const { say, zone } = view;
  const formula = (file: keyof typeof COLUMNS) =>
    `=IMPORTDATA("${url}/${file}.csv?columns=${COLUMNS[file]}&timezone=${zone}")`;
  return (
    <div class="note good" role="status">
      <p>{say("feedMade")}</p>
      <Copyable view={view} id="feed-messages" label={say("formulaMessages")} text={formula("messages")} />
      <Copyable view={view} id="feed-links" label={say("formulaLinks")} text={formula("links")} />
      <Copyable view={view} id="feed-url" label={say("feedAddress")} text={url} />
    </div>
  );
}

function Copyable({ view, id, label, text }: { view: View; id: string; label: string; text: string }) {
  return (
    <>
      <p class="hint">{label}</p>
      <p class="copyable">
        <output id={id} class="code" dir="ltr">
          {text}
        </output>
        <button type="button" data-copy={id} hidden>
          {view.say("copy")}
        </button>
      </p>
    </>
  );
}

/** The same address below our own, where the session counts. */
function own(address: string): string {
  const { pathname, search } = new URL(address);
  return `${HERE}/${pathname.split("/").at(-1) ?? ""}${search}`;
}

function ExportSection({ view, exports }: { view: View; exports: Exports["exports"] }) {
  const { say } = view;
  return (
    <section id="exports">
      <h2>{say("downloads")}</h2>
      <p class="says">{say("downloadsSay")}</p>
      <Table label={say("downloads")} head={[say("what"), say("forSpreadsheets"), "CSV", "NDJSON"]}>
        {exports.map(({ name, csv, ndjson, spreadsheet }) => (
          <tr>
            <th scope="row">{say(`export_${name}`)}</th>
            {[
              [spreadsheet, say("forSpreadsheets")],
              [csv, "CSV"],
              [ndjson, "NDJSON"],
            ].map(([address = "", form = ""]) => (
              <td>
                <a href={own(address)} download aria-label={`${say(`export_${name}`)}: ${form}`}>
                  {form}
                </a>
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
