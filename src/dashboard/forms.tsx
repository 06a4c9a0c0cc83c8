// Forms: each works without script. One that makes or sends something carries a key, so that sending it twice makes one.

import type { Context } from "hono";
import type { Child } from "hono/jsx";
import { nanoid } from "nanoid";
import { readBody } from "../http/input.ts";
import type { Refused } from "./ask.ts";
import type { Reader } from "./view.ts";

/** What was sent: the fields of a form, each once. */
export type Sent = Partial<Record<string, string>>;

/** The fields of a form. Throws 413 and 400 as the API does. */
export async function readForm(c: Context): Promise<Sent> {
  return Object.fromEntries(new URLSearchParams(await readBody(c.req.raw)));
}

export interface Filled {
  sent?: Sent;
  refused?: Refused;
}

/** A field with its label, what it is for, and what is wrong with it. */
export function Field({
  reader,
  name,
  label,
  hint,
  filled = {},
  value,
  rows,
  ...input
}: {
  reader: Reader;
  name: string;
  label: string;
  hint?: string;
  filled?: Filled;
  value?: string | null | undefined;
  /** Of a text of several lines. */
  rows?: number;
  type?: string;
  required?: boolean;
  autocomplete?: string;
  inputmode?: "tel" | "url";
}) {
  const wrong = filled.refused?.errors.filter(({ field }) => field === name) ?? [];
  const hintId = hint === undefined ? undefined : `${name}-hint`;
  const wrongId = wrong.length === 0 ? undefined : `${name}-wrong`;
  const described = [hintId, wrongId].filter(Boolean).join(" ") || undefined;
  const shown = filled.sent?.[name] ?? value ?? "";
  const common = {
    id: name,
    name,
    "aria-describedby": described,
    "aria-invalid": wrong.length > 0 ? "true" : undefined,
  };
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {rows === undefined ? (
        <input {...common} {...input} value={input.type === "password" ? "" : shown} />
      ) : (
        <textarea {...common} rows={rows} required={input.required}>
          {shown}
        </textarea>
      )}
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
      {wrong.length > 0 && (
        <p class="wrong" id={wrongId}>
          {reader.say("wrongField")} <span lang="en">{wrong.map(({ message }) => message).join("; ")}</span>
        </p>
      )}
    </div>
  );
}

/** A form whose repetition, by a second click or a browser that asks again, makes nothing twice. */
export function MakingForm({ action, filled = {}, children }: { action: string; filled?: Filled; children?: Child }) {
  return (
    <form method="post" action={action} class="sheet">
      <input type="hidden" name="key" value={keyFor(filled)} />
      {children}
    </form>
  );
}

/** Of a request that was refused nothing is left, so that it may be corrected under its key; of one that may have been made, too. */
function keyFor({ sent, refused }: Filled): string {
  const isCorrected = refused !== undefined && refused.status < 500;
  return isCorrected ? nanoid() : (sent?.["key"] ?? nanoid());
}

/** A button that is a whole form. */
export function Act({
  action,
  label,
  isBad = false,
  children,
}: {
  action: string;
  label: string;
  isBad?: boolean;
  children?: Child;
}) {
  return (
    <form method="post" action={action} class="act">
      {children}
      <button class={isBad ? "danger" : ""}>{label}</button>
    </form>
  );
}

/** Asks before what cannot be taken back, without a script: the button is behind a summary. */
export function Confirm({ summary, children }: { summary: string; children?: Child }) {
  return (
    <details class="confirm">
      <summary>{summary}</summary>
      <div class="sheet">{children}</div>
    </details>
  );
}
