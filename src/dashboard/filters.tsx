// What a list is narrowed by: fields of its address, which the API checks.

import { Time } from "./page.tsx";
import type { TextName } from "./texts.ts";
import type { View } from "./view.ts";

const RANGE = ["created_after", "created_before"] as const;
const PAGE_SIZE = "50";

/** The query of the API's list for the list's own address. */
export function listQuery({ searchParams }: URL, ...own: string[]): string {
  const query = new URLSearchParams({ limit: PAGE_SIZE });
  for (const name of ["tag", "reference", "accessed", ...RANGE, "cursor", ...own]) {
    const value = searchParams.get(name);
    if (value) query.set(name, value);
  }
  return query.toString();
}

/** @param own further fields with their labels */
export function Filters({ view, here, own = {} }: { view: View; here: string; own?: Record<string, TextName> }) {
  const { say, url } = view;
  const valueOf = (name: string) => url.searchParams.get(name) ?? "";
  const fields = Object.entries({ ...own, tag: "tag", reference: "reference" } satisfies Record<string, TextName>);
  return (
    <>
      <form class="inline">
        {fields.map(([name, label]) => (
          <label>
            {say(label)} <input name={name} value={valueOf(name)} size={14} />
          </label>
        ))}
        <label>
          {say("openedOrNot")}{" "}
          <select name="accessed">
            {[
              ["", say("all")],
              ["true", say("opened")],
              ["false", say("notOpened")],
            ].map(([value = "", text]) => (
              <option value={value} selected={valueOf("accessed") === value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {RANGE.map((name) => valueOf(name) && <input type="hidden" name={name} value={valueOf(name)} />)}
        <button>{say("show")}</button>
      </form>
      {valueOf("created_after") !== "" && (
        <p class="soft">
          {say("madeBetween")} <Time view={view} at={validAt(valueOf("created_after"))} /> –{" "}
          <Time view={view} at={validAt(valueOf("created_before"))} /> · <a href={here}>{say("all")}</a>
        </p>
      )}
    </>
  );
}

/** To the page behind this one, if there is one. */
export function Older({ view, next }: { view: View; next: string | null }) {
  if (next === null) return null;
  const query = new URLSearchParams(view.url.searchParams);
  query.set("cursor", next);
  return (
    <p>
      <a href={`?${query.toString()}`}>{view.say("older")}</a>
    </p>
  );
}

/** What the address says may be no instant. */
function validAt(text: string): number | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
