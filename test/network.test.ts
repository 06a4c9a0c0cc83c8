// Promise 2 where an agent says nothing: a plain browser's agent from a data centre, without what that browser always sends.

import { expect, it } from "vitest";
import { isDataCentre } from "../src/redirect/network.ts";
import { recogniseVisitor } from "../src/redirect/visitor.ts";
import { AGENTS } from "./support/firsttap.ts";

const iPhone = (system: string) => AGENTS.iPhone.replace("OS 17_5", `OS ${system}`);
const chrome = (version: number) => AGENTS.android.replace("Chrome/126", `Chrome/${version}`);
const safari = (version: string) =>
  `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`;
const firefox = (version: number) =>
  `Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;

it.each([
  "Amazon.com, Inc.",
  "Amazon Technologies Inc.",
  "Amazon Data Services NoVa",
  "Microsoft Corporation",
  "Google LLC",
  "Google Cloud",
  "DigitalOcean, LLC",
  "OVH SAS",
  "OVH US LLC",
  "Hetzner Online GmbH",
  "Oracle Corporation",
  "Akamai Connected Cloud",
  "Linode, LLC",
  "The Constant Company, LLC",
  "Vultr Holdings, LLC",
  "Contabo GmbH",
  "Alibaba (US) Technology Co., Ltd.",
  "Hangzhou Alibaba Advertising Co.,Ltd.",
  "Tencent Building, Kejizhongyi Avenue",
])("%s is a data centre's", (organization) => {
  expect(isDataCentre(organization)).toBe(true);
});

it.each([
  "iCloud Private Relay",
  "Akamai Technologies, Inc.",
  "Cloudflare, Inc.",
  "Cloudflare WARP",
  "Fastly, Inc.",
  "Google Fiber Inc.",
  "Amazonas Telecom",
  "NTT DOCOMO, INC.",
  "SoftBank Corp.",
  "KDDI CORPORATION",
  "Vodafone GmbH",
  "Turk Telekom",
  "Comcast Cable Communications, LLC",
  "T-Mobile USA, Inc.",
  "Deutsche Telekom AG",
  "",
  null,
])("%s is a network of people, or unknown", (organization) => {
  expect(isDataCentre(organization)).toBe(false);
});

const HOSTED = "Amazon.com, Inc.";
const SCANNER = { kind: "scanner", reason: "data centre without sec-fetch-mode", network: "data centre" };
const NOTED = { kind: "person", reason: null, network: "data centre" };

const recognise = (agent: string, organization: string | null, headers: Record<string, string> = {}) => {
  const { device: _, ...visitor } = recogniseVisitor(
    "GET",
    new Headers({ "user-agent": agent, ...headers }),
    organization,
  );
  return visitor;
};

it.each([
  iPhone("16_4"),
  iPhone("16_10"),
  iPhone("17_0"),
  iPhone("26_1"),
  AGENTS.iPhone.replace("Version/17.5", "CriOS/126.0.6478.54"),
  safari("16.4"),
  safari("18.0"),
  chrome(80),
  chrome(126),
  firefox(90),
])("from a data centre and without sec-fetch-mode, %s is a scanner; with it, or from elsewhere, a person", (agent) => {
  expect(recognise(agent, HOSTED)).toEqual(SCANNER);
  expect(recognise(agent, HOSTED, { "sec-fetch-mode": "navigate" })).toEqual(NOTED);
  for (const organization of ["SoftBank Corp.", "iCloud Private Relay", null])
    expect(recognise(agent, organization)).toEqual({ kind: "person", reason: null });
});

it.each([
  iPhone("16_3"),
  iPhone("12_5"),
  safari("16.3"),
  chrome(79),
  firefox(89),
  "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1; U; en) Presto/2.8.119 Version/11.10",
])("%s never sends sec-fetch-mode, and is noted", (agent) => {
  expect(recognise(agent, HOSTED)).toEqual(NOTED);
});

it("a program that says what it is keeps its reason, and its network is noted", () => {
  expect(recognise(AGENTS.applePreview, HOSTED)).toEqual({
    kind: "preview",
    reason: "facebookexternalhit",
    network: "data centre",
  });
  expect(recognise(AGENTS.iPhone, HOSTED, { "sec-purpose": "prefetch" })).toMatchObject({ kind: "prefetch" });
});
