// Messages: the list, sending one, and one message as it went.

import { type Context, Hono } from "hono";
import type { messageStatusView } from "../sms/status/message-view.ts";
import type { messageLineView } from "../status/message-line-view.ts";
import type { statusView } from "../status/link-view.ts";
import { type Answer, ask, type JsonOf } from "./ask.ts";
import { Filters, listQuery, Older } from "./filters.tsx";
import { Act, Confirm, Field, type Filled, MakingForm, readForm, type Sent } from "./forms.tsx";
import { answerHtml, Code, Page, Refusal, Table, Theirs, Time } from "./page.tsx";
import { Pins } from "./pins.tsx";
import type { PageEnv } from "./session.ts";
import type { TextName } from "./texts.ts";
import { typedNumber } from "./typed-number.ts";
import { type View, viewOf } from "./view.ts";

type Listed = JsonOf<ReturnType<typeof messageLineView>>;
interface MessageList {
  messages: Listed[];
  next_cursor: string | null;
}
type Status = ReturnType<typeof messageStatusView> & { callback: CallbackJson };
type LinkStatus = JsonOf<ReturnType<typeof statusView>>;
type CallbackJson = LinkStatus["callback"];

export const messagePages = new Hono<PageEnv>()
  .get("/", async (c) => {
    const view = viewOf(c);
    const found = await ask<MessageList>(view, "GET", `/api/messages?${listQuery(withNumber(view), "recipient")}`);
    return answerHtml(<Messages view={view} found={found} />, found.kind === "ok" ? 200 : found.status);
  })
  .get("/new", (c) => answerHtml(<NewMessage view={viewOf(c)} />))
  .post("/new", async (c) => {
    const view = viewOf(c);
    const sent = await readForm(c);
    const made = await ask<{ msgid: string }[]>(view, "POST", "/sms/messages/", newMessage(view, sent), sent["key"]);
    if (made.kind === "ok") return c.redirect(`/dashboard/messages/${made.body[0]?.msgid ?? ""}?made=1`, 303);
    return answerHtml(<NewMessage view={view} filled={{ sent, refused: made }} />, made.status);
  })
  .get("/:msgid", async (c) => answerMessage(c, {}))
  .post("/:msgid/retry", async (c) => {
    const retried = await ask(viewOf(c), "POST", `${pathOf(c)}callback/retry`);
    return retried.kind === "ok" ? backTo(c, "retried") : answerMessage(c, { refused: retried });
  })
  .post("/:msgid/again", async (c) => {
    const { key } = await readForm(c);
    const made = await ask<{ msgid: string }[]>(viewOf(c), "POST", `${pathOf(c)}again`, undefined, key);
    if (made.kind === "ok") return c.redirect(`/dashboard/messages/${made.body[0]?.msgid ?? ""}?made=1`, 303);
    return answerMessage(c, { sent: { key }, refused: made });
  })
  .post("/:msgid/erase", async (c) => {
    const erased = await ask(viewOf(c), "DELETE", pathOf(c));
    return erased.kind === "ok" ? backTo(c, "erased") : answerMessage(c, { refused: erased });
  });

function pathOf(c: Context): string {
  return `/sms/messages/${encodeURIComponent(c.req.param("msgid") ?? "")}/`;
}

function backTo(c: Context, done: "retried" | "erased"): Response {
  return c.redirect(`/dashboard/messages/${encodeURIComponent(c.req.param("msgid") ?? "")}?done=${done}`, 303);
}

/** The address of the list, with its number as E.164. */
function withNumber({ url, account }: View): URL {
  const asked = new URL(url);
  const number = typedNumber(asked.searchParams.get("recipient") ?? undefined, account.country);
  if (number) asked.searchParams.set("recipient", number);
  return asked;
}

function newMessage({ account }: View, sent: Sent): object {
  const fields: Sent = { ...sent, recipient: typedNumber(sent["recipient"], account.country) ?? "" };
  const filled = Object.entries(fields).filter(
    ([name, value]) => value !== "" && name !== "key" && name !== "track_link",
  );
  return { ...Object.fromEntries(filled), track_link: fields["track_link"] === "on" };
}

/** A number as whoever looks may see it. */
function numberFor(view: View, recipient: string | null): string {
  if (recipient === null) return view.say("erased");
  return view.may("support", "send") ? recipient : `${recipient.slice(0, 3)} •••• ${recipient.slice(-4)}`;
}

/** `YYYY-MM-DD HH:MM:SS` of the SMS API as Unix milliseconds. */
function instantOf(apiTime: string): number {
  return Date.parse(`${apiTime.replace(" ", "T")}Z`);
}

function Messages({ view, found }: { view: View; found: Answer<MessageList> }) {
  const { say } = view;
  const next = found.kind === "ok" ? found.body.next_cursor : null;
  return (
    <Page view={view} title={say("messages")} here="messages">
      <div class="title">
        <h1>{say("messages")}</h1>
        {view.may("send") && (
          <a class="button main" href="/dashboard/messages/new">
            {say("newMessage")}
          </a>
        )}
      </div>
      <Filters view={view} here="/dashboard/messages" own={{ recipient: "recipient" }} />
      <Pins view={view} />
      {found.kind === "refused" ? (
        <Refusal view={view} refused={found} />
      ) : found.body.messages.length === 0 ? (
        <p class="note">{say("noMessages")}</p>
      ) : (
        <Table
          label={say("messages")}
          head={[say("sentTo"), say("sentAt"), say("state"), say("firstOpened"), say("reference"), say("tags")]}
        >
          {found.body.messages.map((message) => (
            <tr>
              <th scope="row">
                <a href={`/dashboard/messages/${message.msgid}`}>
                  <Code>{numberFor(view, message.recipient)}</Code>
                </a>
              </th>
              <td>
                <Time view={view} at={message.created_at} />
              </td>
              <td>
                <State view={view} status={message.status} />
                {message.reason !== null && (
                  <>
                    {" "}
                    <span class="soft">
                      <Theirs>{message.reason}</Theirs>
                    </span>
                  </>
                )}
              </td>
              <td>
                {message.link === null ? (
                  <span class="soft">–</span>
                ) : message.first_accessed_at === null ? (
                  <span class="soft">{say("notOpened")}</span>
                ) : (
                  <Time view={view} at={message.first_accessed_at} />
                )}
              </td>
              <td>
                <Theirs>{message.reference}</Theirs>
              </td>
              <td>
                <Theirs>{message.tags.join(", ")}</Theirs>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Older view={view} next={next} />
    </Page>
  );
}

function State({ view, status }: { view: View; status: Listed["status"] }) {
  return <span class={`state ${status.toLowerCase()}`}>{view.say(`state_${status}`)}</span>;
}

function NewMessage({ view, filled = {} }: { view: View; filled?: Filled }) {
  const { say } = view;
  const field = { reader: view, filled };
  return (
    <Page view={view} title={say("newMessage")} here="messages">
      <h1>{say("newMessage")}</h1>
      <Refusal view={view} refused={filled.refused} />
      {view.may("send") ? (
        <MakingForm action="/dashboard/messages/new" filled={filled}>
          <Field
            {...field}
            name="recipient"
            label={say("recipient")}
            hint={say("recipientHint")}
            type="tel"
            inputmode="tel"
            required
          />
          <Field {...field} name="sender" label={say("sender")} hint={say("senderHint")} required />
          <Field {...field} name="message" label={say("text")} hint={say("textHint")} rows={4} required />
          <p class="check">
            <input
              type="checkbox"
              id="track_link"
              name="track_link"
              checked={filled.sent === undefined || filled.sent["track_link"] === "on"}
            />{" "}
            <label for="track_link">{say("trackLink")}</label>
          </p>
          <details>
            <summary>{say("more")}</summary>
            <Field {...field} name="reference" label={say("reference")} hint={say("referenceHint")} />
            <Field {...field} name="tags" label={say("tags")} hint={say("tagsHint")} />
          </details>
          <button class="main">{say("send")}</button>
        </MakingForm>
      ) : (
        <p class="note">{say("scopeHides")}</p>
      )}
    </Page>
  );
}

/** The page of one message; `filled`: what was refused just now. */
async function answerMessage(c: Context<PageEnv>, filled: Filled): Promise<Response> {
  const view = viewOf(c);
  const found = await ask<Status>(view, "GET", pathOf(c));
  if (found.kind === "refused")
    return answerHtml(
      <Page view={view} title={view.say("message")} here="messages">
        <h1>{view.say(found.status === 404 ? "noMessage" : "message")}</h1>
        <Refusal view={view} refused={found} />
      </Page>,
      found.status,
    );
  const code = found.body.link_tracking?.shortlink.split("/").at(-1);
  const link = code === undefined ? undefined : await ask<LinkStatus>(view, "GET", `/api/links/${code}`);
  return answerHtml(
    <OneMessage view={view} message={found.body} link={link} filled={filled} />,
    filled.refused?.status ?? 200,
  );
}

/** One thing that happened to a message, in words. `at` is null where nobody says when. */
interface Step {
  at: number | null;
  name: string;
  /** What others wrote. */
  theirs?: string | null;
  counts?: boolean;
}

function OneMessage({
  view,
  message,
  link,
  filled,
}: {
  view: View;
  message: Status;
  link: Answer<LinkStatus> | undefined;
  filled: Filled;
}) {
  const { say, url } = view;
  const here = `/dashboard/messages/${message.msgid}`;
  const done = url.searchParams.get("done");
  const steps = stepsOf(view, message, link);
  const asText = steps
    .map(
      ({ at, name, theirs }) =>
        `${at === null ? "–" : new Date(at).toISOString()}  ${name}${theirs ? `: ${theirs}` : ""}`,
    )
    .join("\n");
  return (
    <Page view={view} title={say("message")} here="messages">
      <h1>
        {say("messageTo")} <Code>{numberFor(view, message.recipient)}</Code>
      </h1>
      {url.searchParams.has("made") && <p class="note good">{say("messageMade")}</p>}
      {done === "retried" && <p class="note good">{say("retryAccepted")}</p>}
      {done === "erased" && <p class="note good">{say("erasedNow")}</p>}
      <Refusal view={view} refused={filled.refused} />
      {link?.kind === "refused" && <Refusal view={view} refused={link} />}
      <ol class="line">
        {steps.map(({ at, name, theirs, counts }) => (
          <li class={counts === false ? "soft" : ""}>
            {at === null ? <span class="soft">–</span> : <Time view={view} at={at} as="clock" />}
            <span>
              {name}
              {theirs && (
                <>
                  {": "}
                  <Theirs>{theirs}</Theirs>
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
      <details>
        <summary>{say("asText")}</summary>
        <p class="copyable">
          <button type="button" data-copy="as-text" hidden>
            {say("copy")}
          </button>
        </p>
        <pre id="as-text" class="theirs" tabindex={0}>
          {asText}
        </pre>
      </details>
      <dl class="facts">
        <dt>msgid</dt>
        <dd>
          <Code>{message.msgid}</Code>
        </dd>
        <dt>{say("sender")}</dt>
        <dd>
          <Theirs>{message.sender}</Theirs>
        </dd>
        <dt>{say("made")}</dt>
        <dd>
          <Time view={view} at={instantOf(message.sent_time)} />
        </dd>
        <dt>{say("parts")}</dt>
        <dd>{view.number(message.parts)}</dd>
        <dt>{say("reference")}</dt>
        <dd>
          <Theirs>{message.reference ?? "–"}</Theirs>
        </dd>
        <dt>{say("tags")}</dt>
        <dd>
          <Theirs>{message.tags.join(", ") || "–"}</Theirs>
        </dd>
        {message.link_tracking !== undefined && (
          <>
            <dt>{say("link")}</dt>
            <dd>
              <a href={`/dashboard/links/${message.link_tracking.shortlink.split("/").at(-1) ?? ""}`}>
                <Code>{message.link_tracking.shortlink}</Code>
              </a>
            </dd>
          </>
        )}
      </dl>
      {(message.callback.state === "owed" || message.callback.state === "exhausted") && view.may("send", "support") && (
        <Act action={`${here}/retry`} label={say("oneMoreAttempt")} />
      )}
      {message.recipient !== null && view.may("send") && (
        <Confirm summary={say("sendAgain")}>
          <p>{say("sendAgainHint")}</p>
          <MakingForm action={`${here}/again`} filled={filled}>
            <button class="main">{say("sendAgainNow")}</button>
          </MakingForm>
        </Confirm>
      )}
      {message.recipient !== null &&
        (view.may() ? (
          <Confirm summary={say("eraseMessage")}>
            <p>{say("eraseHint")}</p>
            <Act action={`${here}/erase`} label={say("eraseNow")} isBad />
          </Confirm>
        ) : (
          <p class="soft">{say("scopeHides")}</p>
        ))}
    </Page>
  );
}

/** What happened, in the order in which it did; what nobody says the time of stands where it belongs. */
function stepsOf(view: View, message: Status, link: Answer<LinkStatus> | undefined): Step[] {
  const { say } = view;
  const acceptedAt = instantOf(message.sent_time);
  const [givenAt, settledAt] = [message.given_at, message.settled_at].map((at) =>
    at === null ? null : Date.parse(at),
  );
  const sent: Step[] = [{ at: acceptedAt, name: say("stepAccepted") }];
  if (givenAt != null && message.status !== "DELIVERING") sent.push({ at: givenAt, name: say("stepGiven") });
  sent.push({
    at: (message.status === "DELIVERING" ? givenAt : settledAt) ?? null,
    name: say(`step_${message.status}` satisfies TextName),
    theirs: message.reason,
  });
  const later: Step[] = [];
  if (link?.kind === "ok") {
    for (const access of link.body.accesses) {
      const name = say(access.kind === "person" ? "stepOpened" : "stepNotCounted", { who: say(access.kind) });
      later.push({ at: Date.parse(access.at), name, theirs: access.device, counts: access.kind === "person" });
    }
    later.push(...attemptsOf(view, link.body.callback, "stepAttempt"));
  }
  later.push(...attemptsOf(view, message.callback, "stepReport"));
  return [...sent, ...later.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))];
}

function attemptsOf({ say }: View, { attempts }: CallbackJson, name: "stepAttempt" | "stepReport"): Step[] {
  return attempts.map(({ at, status, error }) => ({
    at: Date.parse(at),
    name: say(name),
    theirs: status === null ? (error ?? say("noAnswerYet")) : String(status),
  }));
}
