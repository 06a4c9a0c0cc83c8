// /api/accounts: all accounts, for the operator, who holds ADMIN_TOKEN.

import * as v from "valibot";
import { readFields, readQuery } from "../http/input.ts";
import { answerJson, toJson } from "../http/json.ts";
import { limitParameter } from "../http/paging.ts";
import { Problem } from "../http/problem.ts";
import { plainText } from "../link/fields.ts";
import { linkOf } from "../campaign/link-of.ts";
import { tooManyEnded } from "../campaign/too-many-ended.ts";
import { accountObject, changeNewest, insist } from "../objects.ts";
import { LONG_NAMES_OR_SERVICES } from "../sms/carriers/senders.ts";
import { LONGEST_NAME, once, present } from "./account.route.ts";
import type { Restricted, Tenant } from "./account.ts";
import { BY_ADMIN } from "./act.ts";
import { noteAct } from "./note-act.ts";
import { ApiRoutes } from "./api-routes.ts";
import { forgetKnown } from "./known.ts";
import { MAIN_SID, mintSid } from "./token.ts";

/** Whoever reads one page and no more gets all accounts of most operators. */
const LARGEST_LIMIT = 1_000;
const LARGEST_CAP = 1_000_000_000;
const MOST_SENDERS = 100;
const LONGEST_REASON = 255;

export const newAccountFields = { name: plainText(LONGEST_NAME) };
const cap = `must be a whole number from 0 to ${LARGEST_CAP}, or null`;
const capField = v.exactOptional(
  v.nullable(v.pipe(v.number(cap), v.integer(cap), v.minValue(0, cap), v.maxValue(LARGEST_CAP, cap))),
);
const senders = `must be an array of at most ${MOST_SENDERS} senders, or null`;
const senderField = v.pipe(
  v.string("each must be a string"),
  v.check(LONG_NAMES_OR_SERVICES.isSender, `each must be ${LONG_NAMES_OR_SERVICES.senders}`),
);
export const restrictionFields = {
  suspended: v.exactOptional(v.nullable(v.boolean("must be true, false or null"))),
  messages_per_day: capField,
  links_per_day: capField,
  senders: v.exactOptional(v.nullable(v.pipe(v.array(senderField, senders), v.maxLength(MOST_SENDERS, senders)))),
};
/** In the query, because many clients and gateways send no body with a DELETE. */
export const endParameters = { reason: plainText(LONGEST_REASON) };
export const accountsParameters = {
  limit: limitParameter(LARGEST_LIMIT, LARGEST_LIMIT),
  cursor: v.exactOptional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}\.[0-9a-z]{1,20}$/, "must be the next_cursor of the page before"),
      v.transform((cursor) => {
        const [createdAt = "", sid = ""] = cursor.split(".");
        return { createdAt: Number(createdAt), sid };
      }),
    ),
  ),
};

export const accounts = new ApiRoutes()
  .get("/", "admin", async (c) => {
    const { limit, cursor } = readQuery(c, accountsParameters);
    const found = await insist(() => own(c.env, MAIN_SID).tenants({ limit, after: cursor ?? null }));
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return answerJson(
      toJson({ accounts: page.map((tenant) => ({ ...tenant })), nextCursor: last ? cursorOf(last) : null }),
    );
  })
  .post("/", "admin", async (c) => {
    const { name } = await readFields(c, newAccountFields);
    const sid = mintSid();
    // Listed first: a crash in between leaves an account that can be seen and deleted, not one that nobody knows of.
    const tenant = present(await once((until) => own(c.env, MAIN_SID).addTenant(sid, name, until)));
    const created = await once((until) => own(c.env, sid).open(sid, name, until));
    return answerJson(toJson({ ...tenant, ...created }), 201);
  })
  .get("/:sid", "admin", async (c) => {
    const sid = await known(c.env, c.req.param("sid"));
    return answerJson(viewOf(await insist(() => own(c.env, sid).restricted())));
  })
  .patch("/:sid", "admin", async (c) => {
    const { suspended, ...others } = await readFields(c, restrictionFields);
    const changes = suspended === undefined ? others : { ...others, suspended: suspended === true };
    const sid = await known(c.env, c.req.param("sid"));
    const changed = await changeNewest(
      () => own(c.env, sid).restricted(),
      (revision, until) => own(c.env, sid).restrict(changes, revision, until, BY_ADMIN),
    );
    forgetKnown(sid);
    return answerJson(viewOf(changed));
  })
  .delete("/:sid/links/:code", "admin", async (c) => {
    const { reason } = readQuery(c, endParameters);
    const { sid, code } = c.req.param();
    const ended = await insist(async (until) => (await linkOf(c.env, code)).endByOperator(sid, reason, until));
    if (ended === "too-many") throw tooManyEnded();
    if (ended === "unknown")
      throw new Problem({ status: 404, slug: "not-found", title: "This account has no such link" });
    await noteAct(c.env, sid, BY_ADMIN, { what: "link_ended", thing: code });
    return c.body(null, 204);
  })
  .delete("/:sid", "admin", async (c) => {
    const sid = c.req.param("sid");
    if (!(await insist(() => own(c.env, MAIN_SID).hasTenant(sid)))) throw noAccount();
    await insist((until) => own(c.env, sid).close(until));
    forgetKnown(sid);
    await insist((until) => own(c.env, MAIN_SID).removeTenant(sid, until));
    return c.body(null, 204);
  });

const own = accountObject;

/** The sid of an account that there is, also of the operator's own. Throws 404. */
async function known(env: Env, sid: string): Promise<string> {
  if (sid !== MAIN_SID && !(await insist(() => own(env, MAIN_SID).hasTenant(sid)))) throw noAccount();
  return sid;
}

function noAccount(): Problem {
  return new Problem({ status: 404, slug: "not-found", title: "There is no such account" });
}

function cursorOf({ createdAt, sid }: Tenant): string {
  return `${createdAt}.${sid}`;
}

/** What the operator is shown; the revision is ours. Throws 404 when the account was closed meanwhile. */
function viewOf(account: Restricted | null): unknown {
  if (account === null) throw noAccount();
  const { revision: _, used, ...shown } = account;
  return toJson({ ...shown, used: { today: { ...used.today }, month: { ...used.month } } });
}
