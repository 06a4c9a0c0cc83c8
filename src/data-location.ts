// Where objects lie. Cloudflare decides that when an object is asked for the first time, and never moves it.

/** At most one of the two: a jurisdiction is a rule, a hint is a wish. Neither: near whoever asks first. */
export interface DataLocation {
  jurisdiction?: DurableObjectJurisdiction;
  locationHint?: DurableObjectLocationHint;
}

const JURISDICTIONS: readonly DurableObjectJurisdiction[] = ["eu", "us", "fedramp", "fedramp-high"];
const HINTS: readonly DurableObjectLocationHint[] = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
];

const LOCATIONS: ReadonlyMap<string, DataLocation> = new Map<string, DataLocation>([
  ["anywhere", {}],
  ...JURISDICTIONS.map((jurisdiction) => [`jurisdiction:${jurisdiction}`, { jurisdiction }] as const),
  ...HINTS.map((locationHint) => [`hint:${locationHint}`, { locationHint }] as const),
]);

/** What DATA_LOCATION says; undefined when it is wrong. Empty is `anywhere`. */
export function readDataLocation(value: string, problems: string[]): DataLocation | undefined {
  const location = LOCATIONS.get(value === "" ? "anywhere" : value.toLowerCase());
  if (location === undefined)
    problems.push(
      `DATA_LOCATION must be one of ${[...LOCATIONS.keys()].join(", ")}: correct it under [vars] in wrangler.toml.`,
    );
  return location;
}
