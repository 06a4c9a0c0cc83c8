// Who is asking: decided from the method, the headers, the user agent and the network, of which only the verdict is kept.

import type { Visitor } from "../link/link.ts";
import { deviceOf, judgeAgent } from "./agent.ts";
import { isDataCentre, lacksFetchMode } from "./network.ts";
import { statedPurpose, type Verdict } from "./purpose.ts";

/** No browser's agent is longer, and a pattern may take a long time over a long one. */
const LONGEST_AGENT = 1_024;

/**
 * The kind of a request to a short URL, with the header or pattern that decided. `organization` is whose network it came from
 * (`request.cf.asOrganization`), null where the platform does not say. Reads nothing but the arguments.
 */
export function recogniseVisitor(method: string, headers: Headers, organization: string | null = null): Visitor {
  const agent = headers.get("user-agent")?.trim().slice(0, LONGEST_AGENT) ?? "";
  const isHosted = isDataCentre(organization);
  const visitor = { ...judge(method, headers, agent, isHosted), device: deviceOf(agent) };
  return isHosted ? { ...visitor, network: "data centre" } : visitor;
}

function judge(method: string, headers: Headers, agent: string, isHosted: boolean): Verdict {
  const stated = statedPurpose(headers);
  if (stated !== undefined) return stated;
  if (method === "HEAD") return { kind: "probe", reason: "HEAD" };
  if (agent === "") return { kind: "probe", reason: "empty user agent" };
  const verdict = judgeAgent(agent);
  // Each alone is a person's, too: browsers of old, and people behind a VPN. Both together are a program in a browser's name.
  return verdict.kind === "person" && isHosted && lacksFetchMode(agent, headers)
    ? { kind: "scanner", reason: "data centre without sec-fetch-mode" }
    : verdict;
}
