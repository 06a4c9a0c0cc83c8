// The plain variables and secrets of a deployment, checked once. Nothing else reads them.
// A wrong setting never throws: it becomes a sentence in `problems` (the API answers it) and the default is used,
// so that redirects and callbacks go on.

import { type DataLocation, readDataLocation } from "./data-location.ts";
import { isIpAddress } from "./link/address.ts";
import { log } from "./log.ts";
import {
  CARRIER_NAMES,
  type CarrierName,
  type CarrierSettings,
  missingProblem,
  missingSettings,
  readCarrierSettings,
} from "./sms/carriers/carrier-settings.ts";
import type { LinkBoundary } from "./sms/text/find-link.ts";

/** The token in .dev.vars.example. It is public, so it must not guard a deployment. */
export const EXAMPLE_ADMIN_TOKEN = "local-admin-token-for-development-only";

const SHORTEST_ADMIN_TOKEN = 16;
const RETRIES = 10;
/** Queues keep a message, and alarms are exact, well beyond a day; a longer wait is a typing mistake. */
const LONGEST_RETRY_SECONDS = 86_400;
/** The POST runs behind `waitUntil`, which ends after 30 s; reporting it to an object that is out of reach takes 15.4 s of them. */
const LONGEST_CALLBACK_TIMEOUT_SECONDS = 14;
const DEFAULT_RETRY_SECONDS = [10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800];
const DEFAULT_CALLBACK_TIMEOUT_SECONDS = 10;
/** All links of the largest campaign. */
const DEFAULT_LARGEST_PAGE = 4_000_000;

export interface Settings {
  /** Undefined when it is missing or unsafe; `problems` says why. */
  adminToken: string | undefined;
  /**
   * What signing secrets are sealed with: the first one seals, all open. SECRETS_KEY, the one before it, and the ADMIN_TOKEN,
   * which seals where there is no SECRETS_KEY.
   */
  sealingKeys: readonly string[];
  /** Undefined when it is wrong: then no object is asked, because in another place are other objects. */
  dataLocation: DataLocation | undefined;
  /** Host with optional port, or undefined: the host that the API request came to. */
  shortDomain: string | undefined;
  allowLocalAddresses: boolean;
  /** Ten waits in seconds, before jitter: the first is the wait after the first failed POST. */
  callbackRetrySeconds: readonly number[];
  callbackTimeoutSeconds: number;
  recordBeforeRedirect: boolean;
  linkBoundary: LinkBoundary;
  /** So many of a campaign's links are in one answer at most. */
  largestPage: number;
  /**
   * Who sends messages. Undefined when nobody was chosen, or whoever was is wrong or lacks a setting: then messages are
   * refused, and those that were accepted wait.
   */
  carrier: CarrierName | undefined;
  carrierSettings: CarrierSettings;
  /** What one part of a message costs, in the operator's currency; shown as `cost`. */
  costPerPart: number;
  /** What is wrong, each with the remedy. Empty in a sound deployment. */
  problems: readonly string[];
}

const known = new WeakMap<Env, Settings>();

/** The checked settings of this deployment; computed at the first call and then remembered. */
export function settingsOf(env: Env): Settings {
  let settings = known.get(env);
  if (settings === undefined) {
    settings = readSettings(env);
    for (const problem of settings.problems) log("settings.wrong", { problem });
    known.set(env, settings);
  }
  return settings;
}

/** Checks every variable; see `Settings` for units. Never throws. */
export function readSettings(env: Env): Settings {
  const problems: string[] = [];
  const flag = (name: "ALLOW_LOCAL_ADDRESSES" | "RECORD_BEFORE_REDIRECT") => {
    const value = textOf(env[name]);
    if (value !== "" && value !== "true" && value !== "false")
      problems.push(`${name} must be "true" or "false": correct it under [vars] in wrangler.toml.`);
    return value === "true";
  };
  const allowLocalAddresses = flag("ALLOW_LOCAL_ADDRESSES");
  const adminToken = readAdminToken(textOf(env.ADMIN_TOKEN), allowLocalAddresses, problems);
  const carrierSettings = readCarrierSettings((name) => textOf(env[name]), allowLocalAddresses, problems);
  return {
    allowLocalAddresses,
    linkBoundary: readChoice("LINK_BOUNDARY", textOf(env.LINK_BOUNDARY), ["natural", "strict"], problems) ?? "natural",
    largestPage: readLargestPage(textOf(env.LARGEST_PAGE), problems),
    carrier: readCarrier(textOf(env.CARRIER), carrierSettings, problems),
    carrierSettings,
    costPerPart: readCost(textOf(env.COST_PER_PART), problems),
    recordBeforeRedirect: flag("RECORD_BEFORE_REDIRECT"),
    adminToken,
    sealingKeys: readSealingKeys(textOf(env.SECRETS_KEY), textOf(env.PREVIOUS_SECRETS_KEY), adminToken),
    dataLocation: readDataLocation(textOf(env.DATA_LOCATION), problems),
    shortDomain: readShortDomain(textOf(env.SHORT_DOMAIN), allowLocalAddresses, problems),
    callbackRetrySeconds: readRetrySeconds(textOf(env.CALLBACK_RETRY_SECONDS), problems),
    callbackTimeoutSeconds: readTimeout(textOf(env.CALLBACK_TIMEOUT_SECONDS), problems),
    problems,
  };
}

/** Trimmed. The type says string, but a value without quotes in wrangler.toml arrives as what it is. */
function textOf(value: string | number | boolean | undefined): string {
  return String(value ?? "").trim();
}

function readAdminToken(token: string, local: boolean, problems: string[]): string | undefined {
  const remedy = "set it with: npx wrangler secret put ADMIN_TOKEN";
  if (token === "") problems.push(`ADMIN_TOKEN is missing: ${remedy}`);
  else if (token.length < SHORTEST_ADMIN_TOKEN)
    problems.push(`ADMIN_TOKEN is shorter than ${SHORTEST_ADMIN_TOKEN} characters: ${remedy}`);
  else if (/[^\x21-\x7e]/.test(token))
    problems.push(`ADMIN_TOKEN holds a space or a character beyond ASCII: ${remedy}`);
  else if (token === EXAMPLE_ADMIN_TOKEN && !local)
    problems.push(`ADMIN_TOKEN is the public example from .dev.vars.example: ${remedy}`);
  else return token;
  return undefined;
}

function readSealingKeys(current: string, previous: string, adminToken: string | undefined): readonly string[] {
  const sealing = current || adminToken;
  if (sealing === undefined) return [];
  return [...new Set([sealing, previous, adminToken ?? ""])].filter((key) => key !== "");
}

/** One of the words, the first by default; undefined when it is none of them. */
function readChoice<T extends string>(
  name: string,
  value: string,
  words: readonly [T, ...T[]],
  problems: string[],
): T | undefined {
  const choice = words.find((word) => word === (value === "" ? words[0] : value.toLowerCase()));
  if (choice === undefined)
    problems.push(`${name} must be one of ${words.join(", ")}: correct it under [vars] in wrangler.toml.`);
  return choice;
}

function readCarrier(value: string, settings: CarrierSettings, problems: string[]): CarrierName | undefined {
  // Nobody, until somebody is chosen. Whoever sends no messages need not choose.
  if (value === "") return undefined;
  const carrier = readChoice("CARRIER", value, CARRIER_NAMES, problems);
  if (carrier === undefined) return undefined;
  const missing = missingSettings(carrier, settings);
  // Of a wrong value it is said already what it must be.
  for (const name of missing)
    if (!problems.some((problem) => problem.startsWith(name))) problems.push(missingProblem(carrier, name));
  return missing.length === 0 ? carrier : undefined;
}

function readCost(value: string, problems: string[]): number {
  const cost = Number(value);
  if (cost >= 0 && Number.isFinite(cost)) return cost;
  problems.push("COST_PER_PART must be a number, 0 or more: correct it under [vars] in wrangler.toml.");
  return 0;
}

function readLargestPage(value: string, problems: string[]): number {
  if (value === "") return DEFAULT_LARGEST_PAGE;
  const lines = Number(value);
  if (Number.isInteger(lines) && lines >= 1 && lines <= DEFAULT_LARGEST_PAGE) return lines;
  problems.push(
    `LARGEST_PAGE must be a whole number from 1 to ${DEFAULT_LARGEST_PAGE}: correct it under [vars] in wrangler.toml.`,
  );
  return DEFAULT_LARGEST_PAGE;
}

function readShortDomain(value: string, local: boolean, problems: string[]): string | undefined {
  if (value === "") return undefined;
  const domain = value.toLowerCase();
  // Whatever is more than a domain (a scheme, a path, a user) changes its place or form in the normalised URL.
  const url = URL.parse(`https://${domain}`);
  if (url?.host === domain && url.href === `https://${domain}/`) {
    const { hostname } = url;
    const isLocal = /(?:^|\.)localhost$/.test(hostname) || isIpAddress(hostname);
    if (isLocal ? local : /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(hostname)) return domain;
  }
  problems.push(
    'SHORT_DOMAIN must be a bare domain such as "s.example.com": correct it under [vars] in wrangler.toml.',
  );
  return undefined;
}

function readRetrySeconds(value: string, problems: string[]): readonly number[] {
  if (value === "") return DEFAULT_RETRY_SECONDS;
  const seconds = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (seconds.length === RETRIES && seconds.every((wait) => wait >= 0 && wait <= LONGEST_RETRY_SECONDS)) return seconds;
  problems.push(
    `CALLBACK_RETRY_SECONDS must be ten numbers of seconds from 0 to ${LONGEST_RETRY_SECONDS}, separated by commas: correct it under [vars] in wrangler.toml.`,
  );
  return DEFAULT_RETRY_SECONDS;
}

function readTimeout(value: string, problems: string[]): number {
  if (value === "") return DEFAULT_CALLBACK_TIMEOUT_SECONDS;
  const seconds = Number(value);
  if (seconds > 0 && seconds <= LONGEST_CALLBACK_TIMEOUT_SECONDS) return seconds;
  problems.push(
    `CALLBACK_TIMEOUT_SECONDS must be a number of seconds above 0, ${LONGEST_CALLBACK_TIMEOUT_SECONDS} at most: correct it under [vars] in wrangler.toml.`,
  );
  return DEFAULT_CALLBACK_TIMEOUT_SECONDS;
}
