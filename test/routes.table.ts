// Every route there is: who may ask, what it takes, how it answers. The tests of access, of fuzzing and of naughty strings
// go through this table, and test/access-control.test.ts fails where it differs from the app or from the documents.

import * as v from "valibot";
import { activityParameters } from "../src/account/activity.route.ts";
import { accountChangeFields, newTokenFields } from "../src/account/account.route.ts";
import {
  accountsParameters,
  endParameters,
  newAccountFields,
  restrictionFields,
} from "../src/account/accounts.route.ts";
import { type Scope, SCOPES } from "../src/account/scopes.ts";
import { signInLinkFields } from "../src/account/sign-in-links.route.ts";
import { bulkRetryFields, callbacksParameters } from "../src/callback/bulk-retry/bulk-retry.route.ts";
import { FAILING_STATES } from "../src/callback/bulk-retry/failing.ts";
import { campaignsParameters } from "../src/campaign/campaigns.route.ts";
import { campaignChangeFields, newCampaignFields } from "../src/campaign/fields.ts";
import { linksParameters, membersParameters } from "../src/campaign/members.route.ts";
import { linkChangeFields } from "../src/change-link/change-link.route.ts";
import { newLinkFields } from "../src/create-link/create-link.route.ts";
import { exportParameters, figureRowsParameters } from "../src/export/export.route.ts";
import { feedParameters } from "../src/feed/feed.route.ts";
import { NUMBERS } from "../src/feed/feeds.ts";
import { newFeedFields } from "../src/feed/feeds.route.ts";
import { figuresParameters } from "../src/figures/figures.route.ts";
import type { AddressRules } from "../src/link/address.ts";
import { messageFields, recipientFields } from "../src/sms/accept/message-fields.ts";
import { LONG_NAMES } from "../src/sms/carriers/senders.ts";
import { ADVICE, type CheckName } from "../src/status/health/advice.ts";
import { linkListParameters, messageListParameters } from "../src/status/lists.route.ts";
import { accessParameters } from "../src/status/status.route.ts";
import { ORIGIN } from "./support/firsttap.ts";
import { MESSAGE } from "./support/sms.ts";

/** The rules by which the Worker under test checks addresses. */
const RULES: AddressRules = { allowLocal: true, ownHosts: [new URL(ORIGIN).host] };

const instant = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const url = v.pipe(v.string(), v.regex(/^https?:\/\/[!-~]+$/));
const token = v.pipe(v.string(), v.regex(/^ft_[0-9a-z]+_[\w-]{43}$/));
const secret = v.pipe(v.string(), v.regex(/^whsec_[A-Za-z0-9+/]{43}=$/));

const link = {
  code: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{3,64}$/)),
  short_url: url,
  url,
  callback_url: v.nullable(url),
  tags: v.array(v.string()),
  reference: v.nullable(v.string()),
  msgid: v.nullable(v.string()),
  created_at: instant,
  expires_at: instant,
};
const ended = v.nullable(v.strictObject({ by: v.literal("operator"), reason: v.string(), at: instant }));
const shown = { ...link, accessed: v.boolean(), first_accessed_at: v.nullable(instant), ended };
const callback = v.strictObject({
  state: v.picklist(["none", "owed", "delivered", "exhausted"]),
  event_id: v.nullable(v.string()),
  next_attempt_at: v.nullable(instant),
  attempts: v.array(
    // All three are null of an attempt that is being made.
    v.strictObject({
      at: instant,
      status: v.nullable(count),
      error: v.nullable(v.string()),
      duration_ms: v.nullable(v.number()),
    }),
  ),
});
const KINDS = ["person", "preview", "prefetch", "scanner", "probe"] as const;
const counts = v.strictObject(v.entriesFromList(KINDS, count));
const access = {
  at: instant,
  kind: v.picklist(KINDS),
  reason: v.nullable(v.string()),
  device: v.nullable(v.string()),
  country: v.nullable(v.string()),
  network: v.nullable(v.literal("data centre")),
};
const status = v.strictObject({
  ...shown,
  access_counts: counts,
  accesses: v.array(v.strictObject(access)),
  callback,
});
const listed = v.strictObject({ ...shown, access_counts: v.nullable(counts), counted_at: v.nullable(instant) });
const messageLine = v.strictObject({
  msgid: v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{32}$/)),
  sender: v.string(),
  recipient: v.nullable(v.string()),
  status: v.picklist(["QUEUED", "DELIVERING", "DELIVERED", "FAIL"]),
  reason: v.nullable(v.string()),
  created_at: instant,
  parts: count,
  cost: v.number(),
  tags: v.array(v.string()),
  reference: v.nullable(v.string()),
  link: v.nullable(v.strictObject({ code: link.code, short_url: url, url, expires_at: instant })),
  accessed: v.boolean(),
  first_accessed_at: v.nullable(instant),
});
/** What a page says of its end, in either order. */
const page = (things: v.ObjectEntries) => {
  const known = { ...things, next_cursor: v.nullable(v.string()) };
  const [newest, oldest] = [{ searched_back_to: v.nullable(instant) }, { searched_up_to: v.nullable(instant) }];
  return v.union([v.strictObject({ ...known, ...newest }), v.strictObject({ ...known, ...oldest })]);
};
const tokenFacts = {
  id: v.string(),
  name: v.nullable(v.string()),
  scopes: v.array(v.picklist(SCOPES)),
  created_at: instant,
  expires_at: v.nullable(instant),
  last_used_on: v.nullable(v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/))),
};
const feed = {
  id: v.string(),
  name: v.nullable(v.string()),
  numbers: v.picklist(NUMBERS),
  created_at: instant,
  last_used_on: tokenFacts.last_used_on,
};
const exportEntries = v.entriesFromList(["csv", "ndjson", "spreadsheet"], url);
const account = v.strictObject({
  sid: v.string(),
  name: v.string(),
  callback_url: v.nullable(url),
  fallback_url: v.nullable(url),
  support_url: v.nullable(url),
  alert_url: v.nullable(url),
  pinned_views: v.array(v.strictObject({ name: v.string(), path: v.string() })),
  timezone: v.nullable(v.string()),
  country: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/))),
  language: v.nullable(v.string()),
  created_at: instant,
  tokens: v.array(v.strictObject(tokenFacts)),
});
const failing = {
  state: v.picklist(FAILING_STATES),
  host: v.string(),
  status: v.nullable(count),
  error: v.nullable(v.string()),
  last_tried_at: v.nullable(instant),
};
const failingCallback = {
  ...failing,
  code: v.nullable(v.string()),
  msgid: v.nullable(v.string()),
  at: instant,
  attempts: count,
};
const callbackGroup = { ...failing, callbacks: count, oldest_at: instant, answered_at: v.nullable(instant) };
const tenant = { sid: v.string(), name: v.string(), created_at: instant };
const used = v.strictObject({ links: count, messages: count });
const restricted = v.strictObject({
  ...tenant,
  suspended: v.boolean(),
  suspended_at: v.nullable(instant),
  messages_per_day: v.nullable(count),
  links_per_day: v.nullable(count),
  senders: v.nullable(v.array(v.string())),
  used: v.strictObject({ today: used, month: used }),
});
const tracking = { link: url, shortlink: url, accessed: v.boolean(), accessed_on: v.nullable(time) };
const message = {
  msgid: v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{32}$/)),
  url,
  sender: v.string(),
  recipient: v.nullable(v.string()),
  status: v.picklist(["QUEUED", "DELIVERING", "DELIVERED", "FAIL"]),
  reason: v.nullable(v.string()),
  sent_time: time,
  cost: v.number(),
  parts: count,
  tags: v.array(v.string()),
  reference: v.nullable(v.string()),
};
const listedMessage = { ...message, link_tracking: v.exactOptional(v.strictObject(tracking)) };

const local = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/));
const shareEntries = { what: v.string(), count, of: v.string(), of_count: count, share: v.nullable(v.number()) };
const ranked = v.strictObject({
  commonest: v.array(v.strictObject({ name: v.nullable(v.string()), count })),
  other: count,
});
const messageFigures = {
  ...v.entriesFromList(
    [
      "accepted",
      "waiting",
      "sent",
      "delivered",
      "failed",
      "unknown",
      "with_link",
      "opened",
      "not_opened",
      "parts",
      "cost_millionths",
    ],
    count,
  ),
  failures: ranked,
  shares: v.array(v.strictObject(shareEntries)),
  opened_within: v.array(v.strictObject({ hours: count, ...shareEntries })),
};
const callbackFigures = v.strictObject(v.entriesFromList(["owed", "delivered", "exhausted", "withdrawn"], count));
const eventFigures = {
  ...v.entriesFromList(["links_made", "accesses", "first_accesses"], count),
  left_out: v.strictObject(v.entriesFromList(["preview", "prefetch", "scanner", "probe"], count)),
  callbacks: callbackFigures,
  message_callbacks: callbackFigures,
  first_access_devices: ranked,
  first_access_countries: ranked,
};
const quantile = v.nullable(v.strictObject({ seconds: v.number(), at_least: v.number(), below: v.number() }));
const times = v.strictObject({ count, median: quantile, ninety_percent: quantile });
const figures = v.strictObject({
  as_of: v.strictObject({
    at: instant,
    books: v.array(v.strictObject({ book: count, position: count, archived: v.boolean() })),
  }),
  from: local,
  to: local,
  by: v.picklist(["hour", "day", "week"]),
  timezone: v.string(),
  tag: v.nullable(v.string()),
  campaign: v.nullable(v.string()),
  rows: url,
  totals: v.strictObject({
    messages: v.strictObject({ ...messageFigures, time_to_delivery: times, time_to_open: times }),
    events: v.strictObject(eventFigures),
  }),
  buckets: v.array(
    v.strictObject({
      start: local,
      end: local,
      messages: v.strictObject(messageFigures),
      events: v.strictObject(eventFigures),
    }),
  ),
});

const campaignFacts = {
  id: v.pipe(v.string(), v.regex(/^cmp_[0-9a-z]{29}$/)),
  name: v.string(),
  size: count,
  tags: v.array(v.string()),
  reference: v.nullable(v.string()),
  created_at: instant,
  expires_at: instant,
  ended,
};
const campaign = {
  ...campaignFacts,
  url,
  utm: v.record(v.string(), v.string()),
  callback_url: v.nullable(url),
  links_url: url,
  ended_links: count,
};
const campaignMember = v.strictObject({
  number: count,
  code: link.code,
  short_url: url,
  reference: v.nullable(v.string()),
  accessed: v.boolean(),
  first_accessed_at: v.nullable(instant),
  access_counts: counts,
});

export interface Route {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As the app has it; those of the SMS API also have a final slash. */
  path: string;
  /** The same with other endings. */
  endings?: readonly string[];
  /** `carrier`: who asks proves it in another way than by a credential. */
  who: "account" | "admin" | "anyone" | "carrier";
  /** It makes a link or a message: not for a suspended account, nor beyond its cap. */
  makes?: boolean;
  /** It changes what recipients see, or sends to receivers at large: not for a suspended account. */
  isSeen?: boolean;
  /** The scopes that cover it beside `full`, if it is an account's. */
  scopes?: readonly Scope[];
  /** The path names something that belongs to one account. */
  isOwned?: boolean;
  /** What it takes, in the body or the query: the schema that validates it, and something good. */
  body?: { schema: v.ObjectEntries; good: Record<string, unknown> };
  query?: { schema: v.ObjectEntries; good: Record<string, string> };
  /** The status when all is right, and the body's shape; null for no body. */
  ok: number;
  /** The same for whoever needs no credential, once the account is closed whose thing it is; else as ever. */
  closed?: number;
  answer: v.GenericSchema | "page" | "text" | "image" | "rows" | null;
  /** The problems that it has beside those of every route, as documented. In the SMS API only the status is told. */
  problems: readonly string[];
  /** The section in docs/api.md. */
  section?: string;
}

const NAMED = { isOwned: true, problems: ["404 not-found"] };
/** Without a body. */
const ENDED = { isOwned: true, problems: ["404 not-found", "422 wrong-fields"] };
const MESSAGES = { who: "account", problems: ["400 wrong-fields"] } as const;

export const ROUTES: Route[] = [
  {
    method: "POST",
    path: "/api/links",
    scopes: ["links"],
    who: "account",
    body: { schema: newLinkFields(RULES), good: { url: "https://example.com/a" } },
    makes: true,
    ok: 201,
    answer: v.strictObject(link),
    problems: [
      "403 account-suspended",
      "409 code-taken",
      "422 wrong-fields",
      "400 bad-idempotency-key",
      "429 daily-cap",
    ],
    section: "create-a-link",
  },
  {
    method: "GET",
    path: "/api/links",
    scopes: ["read", "support"],
    who: "account",
    query: { schema: linkListParameters, good: { limit: "2" } },
    ok: 200,
    answer: page({ links: v.array(listed) }),
    problems: ["422 wrong-fields"],
    section: "list-links",
  },
  {
    method: "POST",
    path: "/api/campaigns",
    scopes: ["links"],
    who: "account",
    body: {
      schema: newCampaignFields(RULES),
      good: { name: "Spring", url: "https://example.com/{number}", size: 1_000 },
    },
    makes: true,
    ok: 201,
    answer: v.strictObject(campaign),
    problems: ["403 account-suspended", "422 wrong-fields", "400 bad-idempotency-key", "429 daily-cap"],
    section: "make-a-campaign",
  },
  {
    method: "GET",
    path: "/api/campaigns",
    scopes: ["links", "read", "support"],
    who: "account",
    query: { schema: campaignsParameters, good: { limit: "2" } },
    ok: 200,
    answer: v.strictObject({ campaigns: v.array(v.strictObject(campaignFacts)), next_cursor: v.nullable(v.string()) }),
    problems: ["422 wrong-fields"],
    section: "list-campaigns",
  },
  {
    ...NAMED,
    method: "GET",
    path: "/api/campaigns/:campaign",
    scopes: ["links", "read", "support"],
    who: "account",
    ok: 200,
    answer: v.strictObject({ ...campaign, figures }),
    section: "one-campaign",
  },
  {
    method: "GET",
    path: "/api/campaigns/:campaign/links",
    endings: [".csv", ".ndjson"],
    scopes: ["links", "read"],
    who: "account",
    isOwned: true,
    query: { schema: linksParameters, good: { from: "2", to: "3" } },
    ok: 200,
    answer: "rows",
    problems: ["404 not-found", "422 wrong-fields"],
    section: "links-of-a-campaign",
  },
  {
    method: "GET",
    path: "/api/campaigns/:campaign/members",
    endings: [".csv"],
    scopes: ["links", "read", "support"],
    who: "account",
    isOwned: true,
    query: { schema: membersParameters, good: { limit: "2", opened: "false" } },
    ok: 200,
    answer: v.strictObject({ members: v.array(campaignMember), next_cursor: v.nullable(v.string()) }),
    problems: ["404 not-found", "422 wrong-fields"],
    section: "members-of-a-campaign",
  },
  {
    method: "PATCH",
    path: "/api/campaigns/:campaign",
    scopes: ["links"],
    who: "account",
    isOwned: true,
    body: { schema: campaignChangeFields(RULES), good: { name: "changed" } },
    ok: 200,
    answer: v.strictObject(campaign),
    problems: ["403 account-suspended", "404 not-found", "409 ended-by-operator", "422 wrong-fields", "429 daily-cap"],
    section: "change-a-campaign",
  },
  {
    ...ENDED,
    method: "DELETE",
    path: "/api/campaigns/:campaign",
    scopes: ["links"],
    who: "account",
    ok: 204,
    answer: null,
    section: "end-a-campaign",
  },
  {
    method: "GET",
    path: "/api/messages",
    scopes: ["read", "support"],
    who: "account",
    query: { schema: messageListParameters, good: { limit: "2" } },
    ok: 200,
    answer: page({ messages: v.array(messageLine) }),
    problems: ["422 wrong-fields"],
    section: "list-messages",
  },
  {
    ...NAMED,
    method: "GET",
    path: "/api/links/:code",
    scopes: ["links", "read", "support"],
    who: "account",
    ok: 200,
    answer: status,
    section: "status-of-a-link",
  },
  {
    method: "GET",
    path: "/api/links/:code/accesses",
    scopes: ["links", "read", "support"],
    who: "account",
    isOwned: true,
    query: { schema: accessParameters, good: { limit: "2" } },
    ok: 200,
    answer: v.strictObject({
      accesses: v.array(v.strictObject({ ...access, at: v.nullable(instant), count })),
      next_cursor: v.nullable(v.string()),
    }),
    problems: ["404 not-found", "422 wrong-fields"],
    section: "accesses-of-a-link",
  },
  {
    method: "PATCH",
    path: "/api/links/:code",
    scopes: ["links"],
    who: "account",
    isOwned: true,
    body: { schema: linkChangeFields(RULES), good: { tags: ["changed"] } },
    ok: 200,
    answer: status,
    problems: [
      "403 account-suspended",
      "404 not-found",
      "409 ended-by-operator",
      "409 of-a-campaign",
      "422 wrong-fields",
    ],
    section: "change-a-link",
  },
  {
    ...NAMED,
    method: "POST",
    path: "/api/links/:code/callback/retry",
    scopes: ["links", "support"],
    who: "account",
    ok: 202,
    answer: v.strictObject({ accepted: v.literal(true) }),
    problems: [
      "404 not-found",
      "409 callback-delivered",
      "409 not-accessed",
      "409 no-callback-url",
      "422 wrong-fields",
    ],
    section: "one-more-attempt",
  },
  {
    method: "GET",
    path: "/api/callbacks",
    scopes: ["read", "support"],
    who: "account",
    query: { schema: callbacksParameters, good: { limit: "2" } },
    ok: 200,
    answer: v.strictObject({
      groups: v.array(v.strictObject(callbackGroup)),
      callbacks: v.array(v.strictObject(failingCallback)),
      complete: v.boolean(),
    }),
    problems: ["422 wrong-fields"],
    section: "callbacks-that-fail",
  },
  {
    method: "GET",
    path: "/api/health",
    scopes: ["read", "support"],
    who: "account",
    query: { schema: {}, good: {} },
    ok: 200,
    answer: v.strictObject({
      at: instant,
      version: v.string(),
      complete: v.boolean(),
      checks: v.array(
        v.strictObject({
          name: v.picklist(Object.keys(ADVICE) as CheckName[]),
          state: v.picklist(["good", "bad", "unknown"]),
          count: v.nullable(count),
          since_at: v.nullable(instant),
          parts: v.array(v.strictObject({ state: v.string(), reason: v.nullable(v.string()), count })),
          advice: v.string(),
        }),
      ),
    }),
    problems: ["422 wrong-fields"],
    section: "health",
  },
  {
    method: "POST",
    path: "/api/callbacks/retry",
    scopes: ["support"],
    who: "account",
    body: { schema: bulkRetryFields, good: { state: "exhausted", from: "2026-01-01", to: "2026-01-02" } },
    isSeen: true,
    ok: 202,
    answer: v.strictObject({ taken: count, more: v.boolean(), ends_at: v.nullable(instant) }),
    problems: ["403 account-suspended", "422 wrong-fields", "400 bad-idempotency-key"],
    section: "callbacks-that-fail",
  },
  {
    isOwned: true,
    problems: ["404 not-found", "409 too-many-ended", "422 wrong-fields"],
    method: "DELETE",
    path: "/api/links/:code",
    scopes: ["links"],
    who: "account",
    ok: 204,
    answer: null,
    section: "delete-a-link",
  },
  {
    method: "GET",
    path: "/api/figures",
    scopes: ["read", "support"],
    who: "account",
    query: { schema: figuresParameters, good: { by: "week", tag: "june" } },
    ok: 200,
    answer: figures,
    problems: ["404 not-found", "422 wrong-fields", "422 too-many-tags"],
    section: "figures",
  },
  {
    method: "GET",
    path: "/api/export/figures",
    endings: [".csv", ".ndjson"],
    scopes: ["read"],
    who: "account",
    query: { schema: figureRowsParameters, good: { tag: "june", up_to: "1.7" } },
    ok: 200,
    answer: "rows",
    problems: ["404 not-found", "422 wrong-fields"],
    section: "exports",
  },
  {
    method: "GET",
    path: "/api/export/:file",
    scopes: ["read"],
    who: "account",
    query: { schema: exportParameters, good: { limit: "2" } },
    ok: 200,
    answer: "rows",
    problems: ["422 wrong-fields"],
    section: "exports",
  },
  {
    method: "GET",
    path: "/api/account/export",
    scopes: ["read"],
    who: "account",
    ok: 200,
    answer: v.strictObject({ exports: v.array(v.strictObject({ name: v.string(), ...exportEntries })) }),
    problems: [],
    section: "exports",
  },
  {
    method: "GET",
    path: "/api/account/feeds",
    scopes: ["read"],
    who: "account",
    ok: 200,
    answer: v.strictObject({ feeds: v.array(v.strictObject(feed)) }),
    problems: [],
    section: "feeds",
  },
  {
    method: "POST",
    path: "/api/account/feeds",
    scopes: [],
    who: "account",
    body: { schema: newFeedFields, good: { name: "sheet", numbers: "full" } },
    ok: 201,
    answer: v.strictObject({ ...feed, url }),
    problems: ["422 wrong-fields"],
    section: "feeds",
  },
  {
    ...ENDED,
    method: "DELETE",
    path: "/api/account/feeds/:id",
    scopes: [],
    who: "account",
    ok: 204,
    answer: null,
    section: "feeds",
  },
  {
    method: "GET",
    path: "/feed/:token/:file",
    who: "anyone",
    query: { schema: feedParameters, good: { limit: "2", changed_since: "" } },
    ok: 200,
    closed: 404,
    answer: "rows",
    problems: ["404 not-found", "422 wrong-fields"],
    section: "feeds",
  },
  {
    method: "GET",
    path: "/api/account",
    scopes: ["read", "support"],
    who: "account",
    ok: 200,
    answer: account,
    problems: [],
    section: "your-account",
  },
  {
    method: "PATCH",
    path: "/api/account",
    scopes: [],
    who: "account",
    body: { schema: accountChangeFields(RULES), good: { name: "changed" } },
    isSeen: true,
    ok: 200,
    answer: account,
    problems: ["403 account-suspended", "422 wrong-fields"],
    section: "your-account",
  },
  {
    method: "POST",
    path: "/api/account/tokens",
    scopes: [],
    who: "account",
    body: { schema: newTokenFields, good: { name: "shop", scopes: ["links"], expires_in_seconds: 60 } },
    ok: 201,
    answer: v.strictObject({ ...tokenFacts, token }),
    problems: ["422 wrong-fields"],
    section: "tokens",
  },
  {
    ...ENDED,
    method: "DELETE",
    path: "/api/account/tokens/:id",
    scopes: [],
    who: "account",
    ok: 204,
    answer: null,
    section: "tokens",
  },
  {
    ...NAMED,
    method: "GET",
    path: "/api/links/:code/qr.svg",
    scopes: ["links", "read", "support"],
    who: "account",
    ok: 200,
    answer: "image",
    section: "qr-code",
  },
  {
    ...NAMED,
    method: "GET",
    path: "/api/links/:code/qr.png",
    scopes: ["links", "read", "support"],
    who: "account",
    ok: 200,
    answer: "image",
    section: "qr-code",
  },
  {
    method: "POST",
    path: "/api/account/sign-in-links",
    scopes: [],
    who: "account",
    body: { schema: signInLinkFields, good: { name: "support desk", scopes: ["support"] } },
    ok: 201,
    answer: v.strictObject({
      url: v.pipe(url, v.regex(/\/dashboard\/sign-in\/[0-9a-z]+\.[\w-]{22}$/)),
      name: v.nullable(v.string()),
      scopes: v.array(v.picklist(SCOPES)),
      expires_at: instant,
    }),
    problems: ["422 wrong-fields"],
    section: "the-dashboard",
  },
  {
    method: "GET",
    path: "/api/account/sessions",
    scopes: ["read", "support"],
    who: "account",
    ok: 200,
    answer: v.strictObject({
      sessions: v.array(
        v.strictObject({
          id: v.string(),
          is_link: v.boolean(),
          token_id: v.nullable(v.string()),
          name: v.nullable(v.string()),
          scopes: v.nullable(v.array(v.picklist(SCOPES))),
          created_at: instant,
          expires_at: instant,
        }),
      ),
    }),
    problems: [],
    section: "the-dashboard",
  },
  {
    method: "GET",
    path: "/api/account/activity",
    scopes: ["read"],
    who: "account",
    query: { schema: activityParameters, good: { limit: "2" } },
    ok: 200,
    answer: v.strictObject({
      activity: v.array(
        v.strictObject({
          at: instant,
          by: v.strictObject({
            kind: v.picklist(["token", "session", "admin"]),
            id: v.nullable(v.string()),
            name: v.nullable(v.string()),
          }),
          what: v.string(),
          thing: v.nullable(v.string()),
          count,
        }),
      ),
      next_cursor: v.nullable(v.string()),
    }),
    problems: ["422 wrong-fields"],
    section: "who-did-what",
  },
  {
    ...ENDED,
    method: "DELETE",
    path: "/api/account/sessions/:session",
    scopes: [],
    who: "account",
    ok: 204,
    answer: null,
    section: "the-dashboard",
  },
  {
    method: "POST",
    path: "/api/account/callback-test",
    scopes: [],
    who: "account",
    ok: 200,
    answer: v.strictObject({
      event_id: v.string(),
      status: v.nullable(count),
      error: v.nullable(v.string()),
      duration_ms: count,
    }),
    problems: ["422 wrong-fields"],
    section: "the-callback-secret",
  },
  {
    method: "POST",
    path: "/api/account/callback-secret",
    scopes: [],
    who: "account",
    ok: 201,
    answer: v.strictObject({ callback_secret: secret, previous_secret_expires_at: instant }),
    problems: ["422 wrong-fields"],
    section: "the-callback-secret",
  },
  {
    method: "GET",
    path: "/api/accounts",
    who: "admin",
    query: { schema: accountsParameters, good: { limit: "2" } },
    ok: 200,
    answer: v.strictObject({ accounts: v.array(v.strictObject(tenant)), next_cursor: v.nullable(v.string()) }),
    problems: ["403 admin-only", "422 wrong-fields"],
    section: "accounts",
  },
  {
    method: "GET",
    path: "/api/accounts/:sid",
    who: "admin",
    ok: 200,
    answer: restricted,
    problems: ["403 admin-only", "404 not-found"],
    section: "restrict-an-account",
  },
  {
    method: "PATCH",
    path: "/api/accounts/:sid",
    who: "admin",
    body: { schema: restrictionFields, good: { messages_per_day: 1_000 } },
    ok: 200,
    answer: restricted,
    problems: ["403 admin-only", "404 not-found", "422 wrong-fields"],
    section: "restrict-an-account",
  },
  {
    method: "DELETE",
    path: "/api/accounts/:sid/links/:code",
    who: "admin",
    query: { schema: endParameters, good: { reason: "phishing" } },
    ok: 204,
    answer: null,
    problems: ["403 admin-only", "404 not-found", "409 too-many-ended", "422 wrong-fields"],
    section: "end-a-link-of-an-account",
  },
  {
    method: "POST",
    path: "/api/accounts",
    who: "admin",
    body: { schema: newAccountFields, good: { name: "one more" } },
    ok: 201,
    answer: v.strictObject({ ...tenant, token, callback_secret: secret }),
    problems: ["403 admin-only", "422 wrong-fields"],
    section: "accounts",
  },
  {
    method: "DELETE",
    path: "/api/accounts/:sid",
    who: "admin",
    ok: 204,
    answer: null,
    problems: ["403 admin-only", "404 not-found", "422 wrong-fields"],
    section: "accounts",
  },
  {
    ...MESSAGES,
    method: "POST",
    path: "/sms/messages",
    scopes: ["send"],
    makes: true,
    body: { schema: messageFields(RULES, { longestText: 1_600, ...LONG_NAMES }), good: MESSAGE },
    ok: 201,
    answer: v.strictTuple([v.strictObject({ msgid: message.msgid })]),
  },
  {
    ...MESSAGES,
    method: "GET",
    path: "/sms/messages",
    scopes: ["read", "support"],
    ok: 200,
    answer: v.array(v.strictObject(listedMessage)),
  },
  {
    ...NAMED,
    method: "GET",
    path: "/sms/messages/:msgid",
    scopes: ["send", "read", "support"],
    who: "account",
    ok: 200,
    answer: v.strictObject({
      ...message,
      given_at: v.nullable(instant),
      settled_at: v.nullable(instant),
      callback,
      link_tracking: v.exactOptional(
        v.strictObject({
          ...tracking,
          access_count: v.exactOptional(count),
          accesses: v.exactOptional(v.array(time)),
          callback: v.exactOptional(callback),
        }),
      ),
    }),
  },
  {
    ...NAMED,
    method: "DELETE",
    path: "/sms/messages/:msgid",
    who: "account",
    scopes: [],
    ok: 204,
    answer: null,
  },
  {
    ...MESSAGES,
    method: "POST",
    path: "/sms/forget",
    scopes: [],
    body: { schema: recipientFields, good: { recipient: "+818000000000" } },
    ok: 200,
    answer: v.strictObject({ erased: count }),
  },
  {
    ...MESSAGES,
    method: "POST",
    path: "/sms/messages/:msgid/again",
    scopes: ["send"],
    isOwned: true,
    makes: true,
    ok: 201,
    answer: v.strictTuple([v.strictObject({ msgid: message.msgid })]),
    problems: ["403 account-suspended", "404 not-found", "400 wrong-fields", "429 daily-cap"],
  },
  {
    ...NAMED,
    method: "POST",
    path: "/sms/messages/:msgid/callback/retry",
    scopes: ["send", "support"],
    who: "account",
    ok: 202,
    answer: v.strictObject({ accepted: v.literal(true) }),
    problems: ["404 not-found", "409 callback-delivered", "400 wrong-fields"],
  },
  {
    ...MESSAGES,
    method: "GET",
    path: "/sms/outbox",
    scopes: ["read"],
    ok: 200,
    answer: v.array(v.strictObject({ ...listedMessage, message: v.nullable(v.string()) })),
  },
  {
    method: "POST",
    path: "/sms/reports/:carrier/:sid/:msgid",
    who: "carrier",
    // The carrier of the tests, the outbox, reports nothing.
    ok: 404,
    answer: v.strictObject({ detail: v.string() }),
    problems: [],
  },
  {
    method: "GET",
    path: "/:code",
    who: "anyone",
    ok: 302,
    closed: 410,
    answer: null,
    problems: [
      "404 unknown-link",
      "405 method-not-allowed",
      "410 link-ended",
      "429 too-many-unknown-links",
      "404 nothing-here",
    ],
    section: "what-a-tap-answers",
  },
  { method: "GET", path: "/", who: "anyone", ok: 200, answer: "page", problems: ["404 nothing-here"] },
  { method: "GET", path: "/robots.txt", who: "anyone", ok: 200, answer: "text", problems: ["404 nothing-here"] },
  {
    method: "GET",
    path: "/healthz",
    who: "anyone",
    ok: 200,
    answer: v.strictObject({ kv: v.literal("ok"), object: v.literal("ok") }),
    problems: ["404 nothing-here"],
  },
];

/** Problems of every route of the API; those on a body need one. */
export const EVERYWHERE = [
  "403 https-required",
  "401 unauthorized",
  "403 missing-scope",
  "403 feed-token",
  "403 cross-site",
  "404 no-such-route",
  "429 too-many-failed-logins",
];
export const OF_BODIES = ["400 malformed-json", "413 body-too-large", "415 not-json"];

/** The route's name in reports. */
export const nameOf = ({ method, path }: Route) => `${method} ${path}`;

/** The same, with the good query where the route needs one. */
export function addressOf(route: Route, values: Record<string, string>): string {
  const query = route.method === "DELETE" ? new URLSearchParams(route.query?.good).toString() : "";
  return pathOf(route, values) + (query === "" ? "" : `?${query}`);
}

/** The route's path with these values for its parameters. */
export function pathOf({ path }: Route, values: Record<string, string>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}
