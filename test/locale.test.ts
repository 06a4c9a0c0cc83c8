// Where an account is at home.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import * as v from "valibot";
import { Account } from "../src/account/account.do.ts";
import { localeFields } from "../src/account/locale.ts";
import { api } from "./support/firsttap.ts";
import { tenant } from "./support/sms.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("is set, shown in its canonical form, and cleared", async () => {
  const { token } = await tenant();
  const read = async () => (await api("GET", "/api/account", undefined, { token })).body;
  expect(await read()).toMatchObject({ timezone: null, country: null, language: null });
  const change = (fields: object) => api("PATCH", "/api/account", fields, { token });
  const home = { timezone: "Asia/Tokyo", country: "jp", language: "ja-jp" };
  expect((await change(home)).body).toMatchObject({ timezone: "Asia/Tokyo", country: "JP", language: "ja-JP" });
  expect((await change({ language: "EN" })).body).toMatchObject({ timezone: "Asia/Tokyo", language: "en" });
  expect((await change({ timezone: null, country: null, language: null })).body).toEqual({
    ...(await read()),
    timezone: null,
    country: null,
    language: null,
  });
});

it.each([
  ["timezone", ["Mars", "+09:00", "", 9, "Asia/Tokyo "]],
  ["country", ["XX", "JPN", "", "EU", "日本", 81, "j"]],
  ["language", ["", "japanese language", "e", 1, "en_US.UTF-8", `en-${"x".repeat(40)}`]],
])("a wrong %s is refused by its name, and nothing changes", async (field, wrong) => {
  const { token } = await tenant();
  for (const value of wrong) {
    const { status, body } = await api("PATCH", "/api/account", { name: "changed", [field]: value }, { token });
    expect([value, status, body["errors"]]).toEqual([value, 422, [{ field, message: expect.any(String) }]]);
  }
  expect((await api("GET", "/api/account", undefined, { token })).body).toMatchObject({
    name: "a tenant",
    [field]: null,
  });
});

it("knows each country that the platform has a name for, and no other", () => {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const known = codes.filter((code) => v.is(localeFields.country, code));
  expect(known).toHaveLength(249);
  expect(known.filter((code) => names.of(code) === undefined)).toEqual([]);
  // What has a name besides: reserved or user-assigned codes, and groups of countries.
  const others = codes.filter((code) => names.of(code) !== undefined && !known.includes(code));
  expect(others.filter((code) => !OTHERS.includes(code))).toEqual([]);
});

it("is not said to be set by an object that runs the version of before", async () => {
  const { sid, token } = await tenant();
  const ofBefore = ["timezone", "country", "language"];
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its own object
  const { change } = Account.prototype;
  vi.spyOn(Account.prototype, "change").mockImplementation(function (this: Account, changes, ...others) {
    const known = Object.fromEntries(Object.entries(changes).filter(([name]) => !ofBefore.includes(name)));
    const view = change.call(this, known, ...others);
    if (view === null || view === "outdated") return view;
    return Object.fromEntries(Object.entries(view).filter(([name]) => !ofBefore.includes(name))) as typeof view;
  });
  const asked = (fields: object) => api("PATCH", "/api/account", fields, { token });
  expect((await asked({ timezone: "Asia/Tokyo" })).status).toBe(503);
  expect(await asked({ name: "changed" })).toMatchObject({ status: 200, body: { name: "changed", timezone: null } });
  await runInDurableObject(env.ACCOUNT.getByName(sid), (account) => {
    expect(account.view()).toMatchObject({ name: "changed", timezone: null });
  });
});

const OTHERS = "AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ".split(
  " ",
);
