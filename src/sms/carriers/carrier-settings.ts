// What an operator sets for the carriers: the one table of their settings and secrets.

import { isSecret } from "../../callback/sign.ts";

export const CARRIER_NAMES = ["outbox", "twilio", "xoxzo", "http"] as const;
export type CarrierName = (typeof CARRIER_NAMES)[number];

interface CarrierSetting {
  carrier: CarrierName;
  /** Set by `wrangler secret put`; the others are variables in wrangler.toml. */
  isSecret: boolean;
  /** What holds where it is not set; without it the carrier cannot be chosen. */
  otherwise?: string;
  /** Which values are right, and the same in words, as in "NAME must be …". */
  isRight?: (value: string, isLocal: boolean) => boolean;
  form?: string;
}

const ADDRESS = { isSecret: false, isRight: isWebAddress, form: "a URL such as https://api.example.com" };
const SIGNING_SECRET = {
  isSecret: true,
  isRight: isSecret,
  form: '"whsec_" and the base64 of 24 to 64 bytes (echo "whsec_$(openssl rand -base64 32)")',
};

const TABLE = {
  TWILIO_ACCOUNT_SID: { carrier: "twilio", isSecret: false },
  TWILIO_AUTH_TOKEN: { carrier: "twilio", isSecret: true },
  TWILIO_API_URL: { carrier: "twilio", ...ADDRESS, otherwise: "https://api.twilio.com" },
  XOXZO_SID: { carrier: "xoxzo", isSecret: false },
  XOXZO_AUTH_TOKEN: { carrier: "xoxzo", isSecret: true },
  XOXZO_API_URL: { carrier: "xoxzo", ...ADDRESS, otherwise: "https://api.xoxzo.com" },
  HTTP_CARRIER_URL: { carrier: "http", ...ADDRESS },
  HTTP_CARRIER_SECRET: { carrier: "http", ...SIGNING_SECRET },
} satisfies Record<string, CarrierSetting>;

type Name = keyof typeof TABLE;
/** Every setting's value, trimmed; empty where there is none. */
export type CarrierSettings = Record<Name, string>;
const SETTINGS = Object.entries(TABLE) as [Name, CarrierSetting][];

/** The values as `read` gives them; what is wrong is said in `problems`, with the remedy, and not used. */
export function readCarrierSettings(
  read: (name: Name) => string,
  isLocal: boolean,
  problems: string[],
): CarrierSettings {
  const values = SETTINGS.map(([name, { otherwise = "", isRight, form }]) => {
    const value = read(name);
    const isUsable = value !== "" && isRight?.(value, isLocal) !== false;
    if (value !== "" && !isUsable) problems.push(`${name} must be ${form}: ${remedyFor(name, "correct")}`);
    // A path is put behind an API's address.
    const used = name.endsWith("_API_URL") ? value.replace(/\/+$/, "") : value;
    return [name, isUsable ? used : otherwise];
  });
  return Object.fromEntries(values) as CarrierSettings;
}

/** The settings without which this carrier cannot send and that have no usable value; none when it is ready. */
export function missingSettings(carrier: CarrierName, settings: CarrierSettings): Name[] {
  return SETTINGS.flatMap(([name, of]) => (of.carrier === carrier && settings[name] === "" ? [name] : []));
}

/** What to do about a missing setting. */
export function missingProblem(carrier: CarrierName, name: Name): string {
  return `${name} is missing, and CARRIER is "${carrier}": ${remedyFor(name, "set")}`;
}

function remedyFor(name: Name, verb: "set" | "correct"): string {
  const { isSecret: isPut }: CarrierSetting = TABLE[name];
  return isPut ? `set it with: npx wrangler secret put ${name}` : `${verb} it under [vars] in wrangler.toml.`;
}

function isWebAddress(value: string, isLocal: boolean): boolean {
  const url = URL.parse(value);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (isLocal && url.protocol === "http:");
}
