// Who did what in the account, and a link to each thing that is still there to look at.

import { type Context, Hono } from "hono";
import type { doneView } from "../account/activity.route.ts";
import { MSGID } from "../sms/message.ts";
import { type Answer, ask, type JsonOf } from "./ask.ts";
import { Older } from "./filters.tsx";
import { answerHtml, Code, Page, Refusal, Table, Theirs, Time } from "./page.tsx";
import type { PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

type Deed = JsonOf<ReturnType<typeof doneView>>;
interface Activity {
  activity: Deed[];
  next_cursor: string | null;
}

export const activityPage = new Hono<PageEnv>().get("/", async (c: Context<PageEnv>) => {
  const view = viewOf(c);
  const cursor = view.url.searchParams.get("cursor");
  const query = cursor === null ? "" : `?${new URLSearchParams({ cursor }).toString()}`;
  const found = await ask<Activity>(view, "GET", `/api/account/activity${query}`);
  return answerHtml(<ActivityPage view={view} found={found} />, found.kind === "ok" ? 200 : found.status);
});

function ActivityPage({ view, found }: { view: View; found: Answer<Activity> }) {
  const { say } = view;
  return (
    <Page view={view} title={say("whoDidWhat")} here="settings">
      <h1>{say("whoDidWhat")}</h1>
      <p class="says">{say("whoDidWhatSays")}</p>
      {found.kind === "refused" ? (
        <Refusal view={view} refused={found} />
      ) : found.body.activity.length === 0 ? (
        <p class="note">{say("nobodyDidAnything")}</p>
      ) : (
        <>
          <Table label={say("whoDidWhat")} head={[say("when"), say("doneBy"), say("what"), say("which")]}>
            {found.body.activity.map((deed) => (
              <tr>
                <td>
                  <Time view={view} at={deed.at} />
                </td>
                <th scope="row">
                  <Who view={view} by={deed.by} />
                </th>
                <td>{say(`act_${deed.what}`, { n: deed.count })}</td>
                <td>
                  <Thing deed={deed} />
                </td>
              </tr>
            ))}
          </Table>
          <Older view={view} next={found.body.next_cursor} />
        </>
      )}
    </Page>
  );
}

/** The token or link by its name; without one, by its id. */
function Who({ view, by: { kind, id, name } }: { view: View; by: Deed["by"] }) {
  if (kind === "admin") return <Code>ADMIN_TOKEN</Code>;
  const called = kind === "token" ? (name ?? id) : (name ?? "ADMIN_TOKEN");
  return (
    <>
      {kind === "session" && `${view.say("bySession")} `}
      <Theirs>{called}</Theirs>
    </>
  );
}

function Thing({ deed: { what, thing } }: { deed: Deed }) {
  if (thing === null) return <span class="soft">–</span>;
  const path = what.startsWith("link_") ? "links" : MSGID.test(thing) && what === "message_erased" ? "messages" : null;
  if (path === null) return <Code>{thing}</Code>;
  return (
    <a href={`/dashboard/${path}/${encodeURIComponent(thing)}`}>
      <Code>{thing}</Code>
    </a>
  );
}
