// The export of accesses: one line each, or, where a link had too many to keep singly, one line for those of a quarter hour that are alike.

import type { AccessFact, RolledAccesses } from "../book/book.ts";
import type { AccessKind } from "../link/link.ts";
import type { Column } from "./column.ts";
import { journalSteps, LINK_EVENT_COLUMNS, type LinkEventRow, linkEventRow, type Told } from "./journal-steps.ts";
import { type LinkKey, type LinkRow, linkSteps } from "./links.ts";
import type { Steps } from "./steps.ts";

/** Of many together, `at` is when their quarter hour began. */
export interface AccessRow extends LinkEventRow {
  kind: AccessKind;
  first: boolean;
  reason: string | null;
  device: string | null;
  country: string | null;
  network: string | null;
}

export const ACCESS_COLUMNS: readonly Column<AccessRow>[] = [
  ...LINK_EVENT_COLUMNS,
  { name: "kind", type: "text", value: ({ kind }) => kind },
  { name: "first", type: "boolean", value: ({ first }) => first },
  { name: "reason", type: "text", value: ({ reason }) => reason },
  { name: "device", type: "text", value: ({ device }) => device },
  { name: "country", type: "text", value: ({ country }) => country },
  { name: "network", type: "text", value: ({ network }) => network },
];

/** Of a book: what its journal has, in its order. */
export function accessSteps(sql: SqlStorage, after?: number): Steps<AccessRow> {
  return journalSteps(sql, "kind IN ('access', 'accesses')", accessRow, after);
}

/** Of what was made before there were books: the first accesses, for further ones only the links' own objects have. */
export function* firstAccessSteps(sql: SqlStorage, after?: LinkKey): Steps<AccessRow> & Generator<AccessRow[]> {
  for (const links of linkSteps(sql, "link", after)) yield links.flatMap(firstAccessRow);
}

function firstAccessRow(link: LinkRow): AccessRow[] {
  const { key, firstAccessedAt: at, code, createdAt: linkCreatedAt, reference, msgid, tags } = link;
  if (at === null) return [];
  const seen = { kind: "person", first: true, reason: null, device: null, country: null, network: null } as const;
  return [{ key, count: 1, at, code, linkCreatedAt, reference, msgid, tags, ...seen }];
}

function accessRow(told: Told): AccessRow[] {
  const fact = JSON.parse(told.fact ?? "{}") as Partial<AccessFact> & RolledAccesses;
  return [
    {
      ...linkEventRow(told, told.kind === "access" ? 1 : fact.count),
      kind: fact.access,
      first: fact.first ?? false,
      reason: fact.reason ?? null,
      device: fact.device,
      country: fact.country,
      network: fact.network,
    },
  ];
}
