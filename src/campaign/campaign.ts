// The noun: a campaign is many personal links with one destination, made by one call. Its object has its facts; what happens to its
// members is kept in parts, objects of 4,096 members each, which are made when somebody taps. Until then a campaign is one entry of KV
// and one object.

import { customAlphabet } from "nanoid";
import type { Access, Ending } from "../link/link.ts";
import { TIME_DIGITS, timeText } from "../timed-id.ts";

/** Members of one part. */
export const PART_SIZE = 4_096;
/** What may be made: the code has room for 2²². */
export const LARGEST_SIZE = 4_000_000;
/** So many members may be ended singly: they stand in the entry that every tap reads. */
export const MOST_ENDED = 500;

/** Which part of which campaign. `campaign` is its number, `part` counts from 0. */
export interface PartName {
  campaign: number;
  part: number;
}

export function partObjectName({ campaign, part }: PartName): string {
  return `${campaign}.${part}`;
}

export function partNamed(objectName = ""): PartName {
  const [campaign, part] = objectName.split(".");
  return { campaign: Number(campaign), part: Number(part) };
}

/** The part that holds a member; members count from 1. */
export function partOf({ campaign, member }: { campaign: number; member: number }): PartName {
  return { campaign, part: Math.floor((member - 1) / PART_SIZE) };
}

/** What a campaign's owner says of it, when it is made and later. */
export interface CampaignFields {
  name: string;
  /** The template of destinations as its owner gave it: an absolute, normalised URL with {code}, {number} where they stand. */
  url: string;
  utm: Record<string, string>;
  /** The same with `utm` in its query: what taps go by. */
  template: string;
  size: number;
  callbackUrl: string | null;
  tags: string[];
  reference: string | null;
  /** Unix milliseconds. */
  expiresAt: number;
}

/** A campaign as its object keeps it, and as its parts know it. Instants are Unix milliseconds. */
export interface CampaignFacts extends CampaignFields {
  id: string;
  /** What its codes are computed from; nobody else is told. */
  number: number;
  accountSid: string;
  /** The book that lists and counts it. */
  book: number;
  /** Which of the deployment's keys its codes are computed with. */
  keyId: string;
  /** What stands before a code in a short URL. */
  shortBase: string;
  createdAt: number;
}

/** The same as it stands. */
export interface CampaignState extends CampaignFacts {
  revision: number;
  closedAt: number | null;
  /** The operator's; null where nobody ended it, or its owner did. */
  endedReason: string | null;
  /** Members that were ended singly, by whom. */
  ended: EndedMember[];
}

export interface EndedMember {
  member: number;
  at: number;
  /** The operator's; null where its owner ended it. */
  reason: string | null;
}

/** What a part is told, with the secrets that sign while the account is out of reach. */
export interface PartFacts extends CampaignState {
  sealedSecrets: string[];
}

/** An access of one member. */
export interface MemberAccess extends Access {
  member: number;
  code: string;
}

/** What a quarter hour adds up to: counts by the keys of tallies. Quarter hours count from 1970. */
export interface QuarterCounts {
  quarter: number;
  /** Grows with each change of these counts, of which the newest win. */
  revision: number;
  counts: Record<string, number>;
}

/** One line of the list of campaigns, in their book. Instants are Unix milliseconds. */
export interface CampaignLine extends Pick<
  CampaignState,
  "id" | "number" | "name" | "size" | "tags" | "reference" | "createdAt" | "expiresAt"
> {
  closedAt: number | null;
  endedReason: string | null;
  revision: number;
}

/** What a campaign tells its book: its line, and quarter hours that have changed. */
export interface CampaignReport {
  line: CampaignLine;
  quarters: QuarterCounts[];
}

/** A member with what happened to it; one of whom nothing is stored has no line. Instants are Unix milliseconds. */
export interface MemberLine {
  member: number;
  firstAccessedAt: number | null;
  accessCounts: Record<string, number>;
}

/** The instant from which it no longer redirects. */
export function endOf({ expiresAt, closedAt }: Pick<CampaignState, "expiresAt" | "closedAt">): number {
  return Math.min(expiresAt, closedAt ?? Infinity);
}

export function endingOf({ closedAt, endedReason }: Pick<CampaignState, "closedAt" | "endedReason">): Ending | null {
  return closedAt === null || endedReason === null ? null : { by: "operator", reason: endedReason, at: closedAt };
}

/** So many members may be asked of parts: what is given out already. Links are given out with the size. */
export function reservedOf({ size }: Pick<CampaignState, "size">): number {
  return size;
}

const BOOK_DIGITS = 4;
const mintTail = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 16);
export const CAMPAIGN_ID = new RegExp(`^cmp_[0-9a-z]{${TIME_DIGITS + BOOK_DIGITS + 16}}$`);

/** A new id: its time, so that ids sort by it, the number of its book, and 82 random bits. */
export function mintCampaignId(at: number, book: number): string {
  return `cmp_${timeText(at)}${book.toString(36).padStart(BOOK_DIGITS, "0")}${mintTail()}`;
}

/** The number of the book that lists a campaign; null for what is no campaign's id. */
export function bookOfCampaign(id: string): number | null {
  if (!CAMPAIGN_ID.test(id)) return null;
  const start = "cmp_".length + TIME_DIGITS;
  return Number.parseInt(id.slice(start, start + BOOK_DIGITS), 36);
}
