// Who an SMS goes to. Whether a number is in use, its carrier knows.

/** With `+`. 15 digits are the most that ITU-T E.164 allows; 7 are those of the shortest mobile numbers (Niue). */
const INTERNATIONAL = /^\+[1-9]\d{6,14}$/;

/** As ITU-T E.164 assigns them: 1 and 7, these of two digits, and three digits everywhere else. */
const COUNTRY_CODE = /^\+([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/**
 * The country codes behind which a fixed or mobile number may begin with 0. From the patterns of Google's libphonenumber
 * (libphonenumber-js 1.13.16, metadata.max.json), from which test/numbers.test.ts derives them again.
 */
const NUMBERS_BEGIN_WITH_0 = new Set([
  "39", // Italy and the Vatican
  "225", // Côte d'Ivoire
  "226", // Burkina Faso
  "229", // Benin
  "241", // Gabon
  "242", // Congo
  "250", // Rwanda
  "378", // San Marino
  "881", // satellite phones
  "992", // Tajikistan
]);

/**
 * Whether an SMS can be sent to this: E.164 with `+`, 7 to 15 digits and nothing else, and no trunk 0 behind the country
 * code, which callers from abroad leave out (`+81 080…`). Country codes that nobody has are not told from others.
 */
export function isRecipient(text: string): boolean {
  if (!INTERNATIONAL.test(text)) return false;
  const [prefix = "", code = ""] = COUNTRY_CODE.exec(text) ?? [];
  return text[prefix.length] !== "0" || NUMBERS_BEGIN_WITH_0.has(code);
}
