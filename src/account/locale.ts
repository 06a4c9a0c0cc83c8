// Where an account is at home: its time zone, its country, and the language that it reads.

import * as v from "valibot";
import { timeZoneField } from "../figures/time-zone.ts";

/** Those that are officially assigned in ISO 3166-1, as of 2026. */
const COUNTRIES = new Set(
  (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD " +
    "CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF " +
    "GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN " +
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA " +
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI " +
    "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI " +
    "VN VU WF WS YE YT ZA ZM ZW"
  ).split(" "),
);
/** What BCP 47 wants to be allowed for at least. */
const LONGEST_LANGUAGE = 35;

export const LOCALE_COLUMNS = ["timezone TEXT", "country TEXT", "language TEXT"];

/** Null where the owner has not said it. */
export interface AccountLocale {
  /** A name of the IANA database: the days of figures are this zone's. Null is UTC. */
  timezone: string | null;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
  /** BCP 47, in its canonical form. */
  language: string | null;
}

const countryField = v.pipe(
  v.string("must be a string"),
  v.transform((text) => text.toUpperCase()),
  v.check((code) => COUNTRIES.has(code), "must be the two letters of a country in ISO 3166-1, such as JP"),
);

const languageField = v.pipe(
  v.string("must be a string"),
  v.check(
    (text) => text.length <= LONGEST_LANGUAGE && canonical(text) !== null,
    "must be a language tag (BCP 47), such as en, ja or pt-BR",
  ),
  v.transform((text) => canonical(text) ?? text),
);

export const localeFields = {
  timezone: v.exactOptional(v.nullable(timeZoneField)),
  country: v.exactOptional(v.nullable(countryField)),
  language: v.exactOptional(v.nullable(languageField)),
};

function canonical(tag: string): string | null {
  try {
    return new Intl.Locale(tag).toString();
  } catch {
    return null;
  }
}
