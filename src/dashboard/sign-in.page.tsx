// Signing in, by a token or by a link that somebody was given.

import { Hono } from "hono";
import type { Child } from "hono/jsx";
import { signIn, signInByLink } from "../account/sign-in.ts";
import { sidOfToken } from "../account/token.ts";
import { Problem } from "../http/problem.ts";
import { Field, type Filled, readForm } from "./forms.tsx";
import { answerHtml, Document, type Html, Refusal } from "./page.tsx";
import { keepSession, nextPage, SIGN_IN } from "./session.ts";
import { type Reader, readerOf } from "./view.ts";

export const signInPages = new Hono<{ Bindings: Env }>()
  .get("/", (c) => answerHtml(<SignIn reader={readerOf(c.req.raw)} next={nextPage(c.req.query("next"))} />))
  .post("/", async (c) => {
    const { token = "", next } = await readForm(c);
    try {
      keepSession(c, await signIn(c.env, c.req.raw, { sid: sidOfToken(token) ?? null, token }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { status, title, detail, errors = [] } = error.facts;
      const refused = { status, title, errors, ...(detail !== undefined && { detail }) };
      const page = <SignIn reader={readerOf(c.req.raw)} next={nextPage(next)} filled={{ refused }} />;
      return answerHtml(page, status, error.headers);
    }
    return c.redirect(nextPage(next), 303);
  })
  // A preview of a messenger looks at it; only the button's POST uses it up.
  .get("/:link", (c) => answerHtml(<ByLink reader={readerOf(c.req.raw)} />))
  .post("/:link", async (c) => {
    const session = await signInByLink(c.env, c.req.raw, c.req.param("link"));
    if (session === null) return answerHtml(<UsedUp reader={readerOf(c.req.raw)} />, 410);
    keepSession(c, session);
    return c.redirect("/dashboard", 303);
  });

function Gate({ reader, title, children }: { reader: Reader; title: string; children?: Child }): Html {
  return (
    <Document reader={reader} title={title}>
      <main class="gate">
        <p class="brand">firsttap</p>
        <h1>{title}</h1>
        {children}
      </main>
    </Document>
  );
}

function SignIn({ reader, next, filled = {} }: { reader: Reader; next: string; filled?: Filled }) {
  const { say } = reader;
  return (
    <Gate reader={reader} title={say("signIn")}>
      <Refusal view={reader} refused={filled.refused} />
      <form method="post" action={SIGN_IN} class="sheet">
        <input type="hidden" name="next" value={next} />
        <Field
          reader={reader}
          name="token"
          label={say("token")}
          hint={say("tokenHint")}
          type="password"
          autocomplete="current-password"
          required
        />
        <button class="main">{say("signIn")}</button>
      </form>
    </Gate>
  );
}

function ByLink({ reader }: { reader: Reader }) {
  const { say } = reader;
  return (
    <Gate reader={reader} title={say("signIn")}>
      <p>{say("linkOnce")}</p>
      <form method="post">
        <button class="main">{say("signIn")}</button>
      </form>
    </Gate>
  );
}

function UsedUp({ reader }: { reader: Reader }) {
  const { say } = reader;
  return (
    <Gate reader={reader} title={say("linkUsed")}>
      <p>{say("linkUsedHint")}</p>
      <p>
        <a href={SIGN_IN}>{say("signInByToken")}</a>
      </p>
    </Gate>
  );
}
