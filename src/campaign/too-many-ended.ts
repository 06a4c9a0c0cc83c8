import { Problem } from "../http/problem.ts";
import { MOST_ENDED } from "./campaign.ts";

/** Of a campaign so many links may be ended singly: every tap of it reads which they are. */
export function tooManyEnded(): Problem {
  return new Problem({
    status: 409,
    slug: "too-many-ended",
    title: `${MOST_ENDED} links of this campaign have been ended singly, and no more can be`,
    detail: "End the campaign itself: DELETE /api/campaigns/ID.",
  });
}
