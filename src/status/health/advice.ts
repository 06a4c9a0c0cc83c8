// What to do where something does not stand well, and where to look for what is not known here. English; the dashboard has the same in
// Japanese.

export const ADVICE = {
  messages_waiting:
    "See why they wait: set CARRIER up, or ask the carrier. A message that waits for 24 hours is given up.",
  callbacks_owed: "See which hosts fail, and mend the server there. Each is tried eleven times within about a day.",
  callbacks_exhausted: "When the server answers again, have them tried once more: POST /api/callbacks/retry.",
  carrier_answers:
    "Look up the carrier's code. If most messages fail for one reason, stop sending and ask the carrier.",
  last_wake:
    "See in Cloudflare's dashboard whether the Cron Trigger of wrangler.toml runs: it finds alarms that were lost.",
  sweep: "Nothing: an alarm was lost, and all links are being looked at. If this goes on for hours, read the log.",
  queue_backlog:
    "See under Queues in Cloudflare's dashboard. What is lost there is sent again by the object that owes it.",
  dead_letters:
    "See under Queues in Cloudflare's dashboard. They go back to the objects that owe them, and are sent again.",
  accesses_lost:
    "Search the log for access.lost: only there it is written when neither object nor queue took an access.",
} as const;
export type CheckName = keyof typeof ADVICE;
