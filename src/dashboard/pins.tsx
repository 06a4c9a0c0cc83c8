// Pinned views: addresses of lists and pictures that the account keeps under a name. They are a setting of the account.

import { type Context, Hono } from "hono";
import { MOST_PINS, type PinnedView } from "../account/pinned-views.ts";
import { ask } from "./ask.ts";
import { readForm } from "./forms.tsx";
import { Theirs } from "./page.tsx";
import { nextPage, type PageEnv } from "./session.ts";
import { type View, viewOf } from "./view.ts";

export const pins = new Hono<PageEnv>()
  .post("/", async (c) => {
    const { name = "", path = "" } = await readForm(c);
    return change(c, path, (kept) => [...kept.filter((pin) => pin.path !== path), { name: name.trim(), path }]);
  })
  .post("/remove", async (c) => {
    const { path = "" } = await readForm(c);
    return change(c, path, (kept) => kept.filter((pin) => pin.path !== path));
  });

/** Changes the pins, and goes back to where the form was; what was refused is said there. */
async function change(c: Context<PageEnv>, path: string, changed: (kept: PinnedView[]) => PinnedView[]) {
  const view = viewOf(c);
  const pinned = { pinned_views: changed(view.account.pinnedViews) };
  const answered = await ask(view, "PATCH", "/api/account", pinned);
  const back = new URL(nextPage(path), view.url);
  if (answered.kind === "refused") back.searchParams.set("unpinned", "1");
  return c.redirect(back.pathname + back.search, 303);
}

/** The views that are pinned, and a form that pins this one. */
export function Pins({ view }: { view: View }) {
  const { say, url, account } = view;
  const here = new URL(url);
  for (const name of ["cursor", "unpinned"]) here.searchParams.delete(name);
  const path = here.pathname + here.search;
  const isPinned = account.pinnedViews.some((pin) => pin.path === path);
  if (account.pinnedViews.length === 0 && !view.may()) return null;
  return (
    <div class="pins">
      {url.searchParams.has("unpinned") && (
        <p class="note bad" role="alert">
          {say("notPinned", { n: MOST_PINS })}
        </p>
      )}
      {account.pinnedViews.length > 0 && (
        <nav class="spans" aria-label={say("pinnedViews")}>
          {account.pinnedViews.map((pin) => (
            <a href={pin.path} aria-current={pin.path === path ? "true" : undefined}>
              <Theirs>{pin.name}</Theirs>
            </a>
          ))}
        </nav>
      )}
      {view.may() &&
        (isPinned ? (
          <form method="post" action="/dashboard/pins/remove" class="act">
            <input type="hidden" name="path" value={path} />
            <button class="plain">{say("unpin")}</button>
          </form>
        ) : (
          <details class="confirm">
            <summary>{say("pinThis")}</summary>
            <form method="post" action="/dashboard/pins" class="inline">
              <input type="hidden" name="path" value={path} />
              <label>
                {say("name")} <input name="name" required maxlength={60} />
              </label>
              <button>{say("pinThis")}</button>
            </form>
          </details>
        ))}
    </div>
  );
}
