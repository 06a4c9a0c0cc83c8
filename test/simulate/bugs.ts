// Bugs to plant, one at a time, so that it is known what the simulator would notice. Each changes the text of some files
// while they are read; the files themselves stay as they are.

/** `module` is a path seen from src/; `from` has to stand in it exactly once. */
export interface Change {
  module: string;
  from: string;
  to: string;
}

export interface Bug {
  name: string;
  /** What a programmer might have meant. */
  story: string;
  /** The check that has to find it. */
  breaks: string;
  changes: readonly Change[];
}

export const BUGS: readonly Bug[] = [
  {
    name: "recorded-after-enqueue",
    story: "The job goes to the queue first, and the callback is written down when the queue has taken it.",
    breaks: "one event for each first access",
    changes: [
      {
        module: "link/link.do.ts",
        from: "    ledger: this.#ledger,\n    reports: this.#reports,\n    projection",
        to: `    ledger: Object.assign(Object.create(this.#ledger), {
      write: (owed: any, now: number) =>
        this.ctx.waitUntil(
          this.env.CALLBACKS.send({ code: this.ctx.id.name ?? "", eventId: owed.event.id }).then(() =>
            this.#write(() => this.#ledger.write(owed, now)),
          ),
        ),
    }),
    reports: this.#reports,
    projection`,
      },
    ],
  },
  {
    name: "dropped-outbox",
    story: "A job that was handed to the queue is taken for delivered: it never comes due again.",
    breaks: "what is owed is delivered",
    changes: [
      {
        module: "callback/ledger.ts",
        from: "    else this.#change(eventId, { jobsSent: jobs, dueAt: until });",
        to: "    else this.#change(eventId, { jobsSent: jobs, dueAt: null });",
      },
    ],
  },
  {
    name: "alarm-not-set",
    story: "The owed callback is written, but no alarm is set for it.",
    breaks: "what is owed is delivered",
    changes: [
      {
        module: "alarm.ts",
        from: "    if (dueBefore === null || dueBefore <= Date.now() || dueBefore !== this.#dueAt()) this.arm();\n",
        to: "",
      },
    ],
  },
  {
    name: "alarm-in-another-transaction",
    story: "An await stands between the rows and the alarm, so that a crash can come between.",
    breaks: "the list shows what the objects know",
    changes: [
      {
        module: "alarm.ts",
        from: "    if (dueBefore === null || dueBefore <= Date.now() || dueBefore !== this.#dueAt()) this.arm();\n",
        to: "    void Promise.resolve().then(() => this.arm());\n",
      },
    ],
  },
  {
    name: "ten-posts",
    story: "Ten retries, counted as ten POSTs.",
    breaks: "eleven POSTs",
    changes: [{ module: "callback/schedule.ts", from: "MOST_POSTS = 11", to: "MOST_POSTS = 10" }],
  },
  {
    name: "twelve-posts",
    story: "One retry too many.",
    breaks: "eleven POSTs",
    changes: [{ module: "callback/schedule.ts", from: "MOST_POSTS = 11", to: "MOST_POSTS = 12" }],
  },
  {
    name: "id-changes-on-retry",
    story: "Each attempt gets an id of its own, so that receivers cannot drop repeats.",
    breaks: "one event id",
    changes: [
      {
        module: "callback/attempt.entrypoint.ts",
        from: "deliver({ ...claim, eventId: job.eventId }",
        to: "deliver({ ...claim, eventId: job.eventId + (claim.attempt === 1 ? '' : String(claim.attempt)) }",
      },
    ],
  },
  {
    name: "end-of-kv-entry-ignored",
    story: "What KV says is served without a look at the clock.",
    breaks: "no wrong destination",
    changes: [
      {
        module: "redirect/redirect.ts",
        from: 'if (found.kind === "found" && at < found.expiresAt) {',
        to: 'if (found.kind === "found") {',
      },
    ],
  },
  {
    name: "kv-awaited-for-ever",
    story: "A read of KV that is never answered holds up the redirect.",
    breaks: "each tap is answered right",
    changes: [
      {
        module: "redirect/redirect.ts",
        from: "await within(patienceMs, () => reading).catch(failed)",
        to: "await reading.catch(failed)",
      },
    ],
  },
  {
    name: "kv-miss-is-final",
    story: "A code that KV does not know is answered 404, though KV may not know it yet.",
    breaks: "each tap is answered right",
    changes: [
      {
        module: "redirect/redirect.ts",
        from: "  return redirectThroughObject(request, code, link, at, env, ctx);",
        to: `  if (found.kind === "missing") return answerPage(request, UNKNOWN);
  return redirectThroughObject(request, code, link, at, env, ctx);`,
      },
    ],
  },
  {
    name: "kv-write-given-up",
    story: "A write that KV refused is not made again.",
    breaks: "KV shows what the object knows",
    changes: [
      {
        module: "link/duties.ts",
        from: '      if (link !== undefined) this.postpone(duty, link, duty === "directory" && isRefusal(error));',
        to: '      if (link !== undefined && duty === "directory") this.#rows.set({ directoryDueAt: null });\n      else if (link !== undefined) this.postpone(duty, link);',
      },
    ],
  },
  {
    name: "wrong-tenant",
    story: "Whoever knows a code may read, change and end the link.",
    breaks: "accounts see their own",
    changes: [
      {
        module: "link/stored-link.ts",
        from: "if (link?.accountSid !== accountSid || now >= keptUntil(link)) return undefined;",
        to: "if (link === undefined || accountSid === '') return undefined;",
      },
    ],
  },
  {
    name: "answer-waits-for-object",
    story: "The redirect waits until the object has the access.",
    breaks: "the redirect waits for nothing but KV",
    changes: [
      {
        module: "redirect/redirect.ts",
        from: "    ctx.waitUntil(scheduler.wait(0).then(() => recordTogether(env, link.recorder, access())));",
        to: "    await recordTogether(env, link.recorder, access());",
      },
    ],
  },
  {
    name: "redirect-followed",
    story: "A callback URL that redirects is followed, and somebody else's 200 counts.",
    breaks: "no redirect is followed",
    changes: [{ module: "callback/deliver.ts", from: 'redirect: "manual"', to: 'redirect: "follow"' }],
  },
  {
    name: "preview-is-a-person",
    story: "Fetchers that preview a message count as its reader.",
    breaks: "each access is recorded once, as what it was",
    changes: [
      {
        module: "redirect/agent.ts",
        from: 'if (preview !== undefined) return { kind: "preview", reason: preview };',
        to: 'if (preview !== undefined) return { kind: "person", reason: null };',
      },
    ],
  },
  {
    name: "prefetch-redirected",
    story: "A browser that loads ahead gets the destination, and asks nobody when somebody taps.",
    breaks: "each tap is answered right",
    changes: [
      {
        module: "redirect/redirect.ts",
        from: "return isAhead ? answerPage(request, AHEAD) : redirectTo(destination);",
        to: "return redirectTo(destination);",
      },
    ],
  },
  {
    name: "agent-kept",
    story: "The user agent is kept as the device, because it might be useful one day.",
    breaks: "nobody is named, and no secret is readable",
    changes: [
      {
        module: "redirect/visitor.ts",
        from: "device: deviceOf(agent) };",
        to: "device: deviceOf(agent) && agent };",
      },
    ],
  },
  {
    name: "first-access-moves",
    story: "An access that arrives later but was made earlier becomes the first.",
    breaks: "the first access never moves",
    changes: [
      {
        module: "link/recording.ts",
        from: "    if (first !== undefined) this.#owe(link, first, now);\n",
        to: `    for (const { kind, at } of added)
      if (kind === "person" && link.firstAccessedAt !== null && at < link.firstAccessedAt)
        rows.set({ firstAccessedAt: at });
    if (first !== undefined) this.#owe(link, first, now);
`,
      },
    ],
  },
  {
    name: "old-secret-only",
    story: "Through a day after a rotation only the oldest secret signs.",
    breaks: "signed with the account's secret",
    changes: [
      {
        module: "callback/sign.ts",
        from: "const signatures = await Promise.all(secrets.map(",
        to: "const signatures = await Promise.all(secrets.slice(-1).map(",
      },
    ],
  },
  {
    name: "new-secret-only",
    story: "A rotation takes the old secret away at once.",
    breaks: "signed with the account's secret",
    changes: [
      {
        module: "callback/sign.ts",
        from: "const signatures = await Promise.all(secrets.map(",
        to: "const signatures = await Promise.all(secrets.slice(0, 1).map(",
      },
    ],
  },
  {
    name: "lost-rotation-counts",
    story: "The day of the old secret begins with the rotation, also where nobody was answered the new one.",
    breaks: "signed with the account's secret",
    changes: [{ module: "account/secrets.ts", from: "newest, expiresAt + UNSHOWN_MS", to: "newest, expiresAt" }],
  },
  {
    name: "claim-not-exclusive",
    story: "A claim is given out while another attempt is under way.",
    breaks: "one attempt at a time",
    changes: [
      {
        module: "callback/ledger.ts",
        from: 'return callback?.state === "owed" && now >= (callback.nextAttemptAt ?? 0);',
        to: 'return callback?.state === "owed";',
      },
    ],
  },
  {
    name: "queued-access-lost",
    story: "The consumer of the recovery queue acks what it could not hand over.",
    breaks: "no access is lost",
    changes: [
      {
        module: "redirect/accesses.consumer.ts",
        from: "        throw error;",
        to: "        return;",
      },
    ],
  },
  {
    name: "replayed-access-counted-twice",
    story: "A repeated access is stored again instead of being recognised.",
    breaks: "each access is recorded once, as what it was",
    changes: [
      {
        module: "link/access-rows.ts",
        from: "      access.id,\n      access.at,",
        to: "      access.id + crypto.getRandomValues(new Uint32Array(1)).join(),\n      access.at,",
      },
    ],
  },
  {
    name: "dropped-access-counted-twice",
    story: "Repeated accesses are recognised by their rows, also where rows have been dropped.",
    breaks: "each access is recorded once, as what it was",
    changes: [
      {
        module: "link/access-rows.ts",
        from: "if (!this.#leaveName(batch)) return { added: [], state: {} };",
        to: "this.#leaveName(batch);",
      },
    ],
  },
  {
    name: "unnamed-access-dropped",
    story: "Rows are dropped though nothing but themselves is a memory of them.",
    breaks: "each access is recorded once, as what it was",
    changes: [{ module: "link/access-rows.ts", from: ".filter(({ id, named }) => named === 1 || id < over)", to: "" }],
  },
  {
    name: "names-dropped-early",
    story: "Names are kept for a minute, in which most replays come.",
    breaks: "each access is recorded once, as what it was",
    changes: [
      { module: "link/access-rows.ts", from: "COME_AGAIN_MS = 15 * 24 * 3_600_000", to: "COME_AGAIN_MS = 60_000" },
    ],
  },
  {
    name: "dead-list-joined",
    story: "Accesses are left to whoever began the list, long after that invocation has ended.",
    breaks: "no access is lost",
    changes: [
      {
        module: "redirect/record-access.ts",
        from: "if (now < list.until) return;",
        to: "if (list.until > 0) return;",
      },
    ],
  },
  {
    name: "idempotency-key-ignored",
    story: "A repeated request opens its link under the name of another request.",
    breaks: "the API answers as documented",
    changes: [
      {
        module: "create-link/create-link.route.ts",
        from: "open(link, openedBy, until, secrets)",
        to: "open(link, crypto.getRandomValues(new Uint32Array(2)).join(), until, secrets)",
      },
    ],
  },
  {
    name: "late-change-wins",
    story: "A call that was given up is carried out when it arrives, whatever came in between.",
    breaks: "an acknowledged change stays",
    changes: [
      {
        module: "objects.ts",
        from: "if (until !== undefined && Date.now() > until) throw",
        to: "if (until === 0) throw",
      },
      {
        module: "link/link.do.ts",
        from: 'if (revision !== undefined && revision !== link.revision) return "outdated";',
        to: "",
      },
      {
        module: "account/account.do.ts",
        from: 'if (revision !== undefined && revision !== account.revision) return "outdated";',
        to: "",
      },
    ],
  },
  {
    name: "step-skipped",
    story: "The last steps to the present version are never made.",
    breaks: "two hours later nothing is owed",
    changes: [
      { module: "tables.ts", from: "steps.slice(version)) step(sql);", to: "steps.slice(version, -2)) step(sql);" },
    ],
  },
  {
    name: "dropped-alarm-found-by-nobody",
    story: "Links have alarms of their own, so their account need not look after them.",
    breaks: "two hours later nothing is owed",
    changes: [
      {
        module: "account/sweep.ts",
        from: "const lost = isCertain ? 0 : await this.#wake(",
        to: "const lost = isCertain || now > 0 ? 0 : await this.#wake(",
      },
    ],
  },
  {
    name: "sweep-stops-at-its-first-page",
    story: "An account looks at the links of the first page, again and again.",
    breaks: "two hours later nothing is owed",
    changes: [
      {
        module: "account/sweep.ts",
        from: "this.#links.namesBehind(nameFrom(checkedTo), CHECKED / 2);",
        to: "this.#links.namesBehind(null, AT_ONCE);",
      },
      {
        module: "account/sweep.ts",
        from: "if (names.length < AT_ONCE) return this.#row.sweeps(null, null);",
        to: "return this.#row.sweeps(null, null);",
      },
    ],
  },
  {
    name: "refused-alarm-swallowed",
    story: "An alarm that cannot be set is logged, and that is all.",
    breaks: "a refused alarm is waited for",
    changes: [
      {
        module: "alarm.ts",
        from: "      await within(QUEUE_TIMEOUT_MS, () => this.#queue.send(jobFor(this.#name), { delaySeconds }));\n",
        to: "",
      },
    ],
  },
  {
    name: "refused-deletion-left",
    story: "A deletion that KV refuses is only tried again, while the old entry goes on leading there.",
    breaks: "a deleted link stays deleted",
    changes: [
      {
        module: "link/directory.ts",
        from: "    await put(directory, link, ENDED, now);",
        to: '    throw new Error("KV refused a deletion");',
      },
    ],
  },
  {
    name: "forgotten-before-kv-heard",
    story: "A link is forgotten when its time has come, whatever is still owed to KV.",
    breaks: "a deleted link stays deleted",
    changes: [
      {
        module: "link/forgetting.ts",
        from: "return !this.#keeping.owes(link) && link.forgetDueAt <= now;",
        to: "return link.forgetDueAt <= now;",
      },
      {
        module: "link/forgetting.ts",
        from: "if (now?.createdAt !== link.createdAt || this.#keeping.owes(now)) return;",
        to: "if (now?.createdAt !== link.createdAt) return;",
      },
    ],
  },
  {
    name: "chosen-code-given-free",
    story: "A forgotten link leaves nothing: whoever comes first gets its code.",
    breaks: "a chosen code stays its account's",
    changes: [
      {
        module: "link/forgetting.ts",
        from: "await (isMinted(link.code) ? this.#freeAll() : this.#freeBut(link));",
        to: "await this.#freeAll();",
      },
    ],
  },
  {
    name: "access-of-the-link-before-counted",
    story: "A code was opened again, and whoever tapped its link before is counted on the new one.",
    breaks: "each access is of the link that was tapped",
    changes: [
      { module: "link/past-links.ts", from: "return reopenedAt !== null && at < reopenedAt;", to: "return false;" },
    ],
  },
  {
    name: "callback-of-the-link-before-dropped",
    story: "Who opens a code again starts from nothing: what the link before owes goes with its rows.",
    breaks: "what is owed is delivered",
    changes: [{ module: "link/opening.ts", from: "ledger.beginAnew();", to: "ledger.withdrawAll();" }],
  },
  {
    name: "failed-closing-ticked-off",
    story: "A link that could not be ended with its account is taken off the list like the others.",
    breaks: "an account's links end with it",
    changes: [
      {
        module: "account/closing.ts",
        from: 'if (outcomes[n]?.status === "fulfilled") this.#links.remove(link);',
        to: "if (outcomes[n] !== undefined) this.#links.remove(link);",
      },
    ],
  },
  {
    name: "forgotten-without-a-word",
    story: "A link is forgotten though its account could not be told: the list keeps it for ever.",
    breaks: "nothing is left",
    changes: [
      {
        module: "link/forgetting.ts",
        from: '      duties.postpone("forget", link);\n      return;\n',
        to: "",
      },
    ],
  },
  {
    name: "callbacks-ten-a-batch",
    story: "A batch has more attempts than its invocation has connections.",
    breaks: "no attempt that never left is counted",
    changes: [
      {
        module: "../wrangler.toml",
        from: 'queue = "firsttap-callbacks"\nmax_batch_size = 5\n',
        to: 'queue = "firsttap-callbacks"\nmax_batch_size = 10\n',
      },
    ],
  },
  {
    name: "messages-ten-a-batch",
    story: "A batch has more messages than its invocation has connections.",
    breaks: "no message that never left may have been sent",
    changes: [
      {
        module: "../wrangler.toml",
        from: 'queue = "firsttap-messages"\nmax_batch_size = 5\n',
        to: 'queue = "firsttap-messages"\nmax_batch_size = 10\n',
      },
    ],
  },
  {
    name: "two-connections-an-attempt",
    story: "A receiver is woken by a HEAD beside the POST.",
    breaks: "no POST starts late because others wait",
    changes: [
      {
        module: "callback/deliver.ts",
        from: "    const answer = await fetch(",
        to: `    void fetch(address.url, { method: "HEAD", signal: timeout }).catch(() => {});
    const answer = await fetch(`,
      },
    ],
  },
  {
    name: "lease-ends-before-its-holder",
    story: "An attempt counts as lost while its POST may be on its way, or its report.",
    breaks: "one attempt at a time",
    changes: [
      {
        module: "callback/schedule.ts",
        from: "ATTEMPT_LEASE_MS = CALL_TIMEOUT_MS + LONGEST_BACKGROUND_MS",
        to: "ATTEMPT_LEASE_MS = CALL_TIMEOUT_MS",
      },
    ],
  },
  {
    name: "silent-carrier-asked-again",
    story: "A message whose carrier did not answer is offered again.",
    breaks: "no message is given to the carrier twice",
    changes: [
      {
        module: "sms/message-book.ts",
        from: `      case "silent":
        return this.#move(message, "FAIL", MAY_HAVE_BEEN_SENT, now);
`,
        to: `      case "silent":
        return this.#postpone(message, { kind: "later", reason: "", retryAfterSeconds: null }, now);
`,
      },
    ],
  },
  {
    name: "gateway-taken-for-the-adapter",
    story: "Any 503 says that the message was not accepted, also that of a gateway whose connection broke.",
    breaks: "no message is given to the carrier twice",
    changes: [
      {
        module: "sms/carriers/http.ts",
        from: "isLater: (status, body) => status >= 500 && v.is(NotAccepted, body),",
        to: "isLater: (status, body) => status === 503 || (status >= 500 && v.is(NotAccepted, body)),",
      },
    ],
  },
  {
    name: "erased-message-brought-back",
    story: "A report that comes late writes down what the carrier says, also of a message that was erased meanwhile.",
    breaks: "what is erased stays erased",
    changes: [
      {
        module: "sms/message-book.ts",
        from: "const told = message.recipient === null ? impersonal(said) : said;",
        to: "const told = said;",
      },
    ],
  },
  {
    name: "report-with-an-erased-number",
    story: "A delivery report is sent as it was written down, whatever happened to its message since.",
    breaks: "what is erased stays erased",
    changes: [
      {
        module: "sms/message-book.ts",
        from: "    if (message.eventId !== null) this.#ledger.rewrite(message.eventId, withoutPerson);\n",
        to: "",
      },
    ],
  },
  {
    name: "suspended-account-sends",
    story: "Whoever is suspended makes nothing new; what was accepted before goes out.",
    breaks: "a suspended account sends nothing",
    changes: [
      { module: "sms/message-book.ts", from: "      if (isSuspended) {\n", to: "      if (now < 0) {\n" },
      {
        module: "sms/message-book.ts",
        from: "const isHeld = isSuspended && !isRepeated;",
        to: "const isHeld = false;",
      },
    ],
  },
  {
    name: "suspended-account-makes",
    story:
      "Whether an account is suspended is asked when its token is admitted, and its links and messages are accepted as ever.",
    breaks: "a suspended account makes nothing",
    changes: [
      {
        module: "account/account.do.ts",
        from: "if (account === undefined || account.suspendedAt !== null)",
        to: "if (account === undefined)",
      },
      {
        module: "account/account.do.ts",
        from: 'if (account.suspendedAt !== null) return { kind: "suspended" };',
        to: "",
      },
    ],
  },
  {
    name: "lost-message-sent-again",
    story: "A message that was claimed, and of which nobody reported, is sent again like a callback.",
    breaks: "no message is given to the carrier twice",
    changes: [
      {
        module: "sms/message-book.ts",
        from: 'if (claimedAt !== null) this.#move(message, "FAIL", MAY_HAVE_BEEN_SENT, now);\n      const isOver = claimedAt !== null ||',
        to: "if (claimedAt !== null) rows.changeMessage(this.#sql, msgid, { claimed_at: null });\n      const isOver =",
      },
    ],
  },
  {
    name: "report-counted-twice",
    story: "Whatever a report holds is news, also when it comes a second time.",
    breaks: "a book has what its links have",
    changes: [
      {
        module: "book/lines.ts",
        from: "const news = after > have ? [] : events.filter(({ number }) => number > have);",
        to: "const news = after > have ? [] : events;",
      },
    ],
  },
  {
    name: "report-sent-once",
    story: "A report that was handed to the queue is taken for delivered.",
    breaks: "a book has what its links have",
    changes: [
      {
        module: "link/reports.ts",
        from: "    this.#keeping.write(() => this.#noteSent(link, report));\n",
        to: "    this.#keeping.write(() => this.#rows.set({ reportDueAt: null, reportsSent: 0 }));\n",
      },
    ],
  },
  {
    name: "attempt-told-to-nobody",
    story: "The end of an attempt has its number, and nothing makes a report due.",
    breaks: "a book has what its links have",
    changes: [
      {
        module: "link/reports.ts",
        from: "    if (status === 200) this.dueBy(link, Date.now() + SOON_MS);\n    else this.dueLater(link, Date.now());\n",
        to: "",
      },
    ],
  },
  {
    name: "unheard-row-dropped",
    story: "Rows are dropped when they are many, whatever the book has heard.",
    breaks: "a book has what its links have",
    changes: [
      {
        module: "link/access-rows.ts",
        from: "const rows = old.filter(({ number }) => number === null || number <= reported).map(({ id }) => id);",
        to: "const rows = old.map(({ id }) => id);",
      },
    ],
  },
  {
    name: "event-number-used-again",
    story: "The next number is looked for in the rows, of which some are gone when the book has heard of them.",
    breaks: "a book has what its links have",
    changes: [{ module: "link/events.ts", from: "      1,\n      reported,\n", to: "      1,\n" }],
  },
  {
    name: "report-opens-its-book",
    story: "A book that is not there is opened by the first report, and so once more behind its end.",
    breaks: "nothing is left",
    changes: [
      {
        module: "book/book.do.ts",
        from: '    if (this.#row.readOpen() === undefined) return "gone";\n',
        to: `    const [first] = reports;
    if (first !== undefined) this.open({ sid: first.sid, book: first.book }, Infinity);
    if (this.#row.readOpen() === undefined) return "gone";
`,
      },
    ],
  },
  {
    name: "key-with-a-new-book",
    story: "A request that comes again is accepted into the book of today, under the name that it had.",
    breaks: "a request that comes again is of the same book",
    changes: [
      {
        module: "account/account.do.ts",
        from: "const place = find(Date.now()) === null ? await this.#openBook(until) : null;",
        to: "const place = await this.#openBook(until);",
      },
      {
        module: "account/account.do.ts",
        from: 'if (bound !== null) return { kind: "claimed", ...bound, secrets };',
        to: 'if (bound !== null) return { kind: "claimed", ...bound, book: place.book, secrets };',
      },
    ],
  },
  {
    name: "tallied-in-two-transactions",
    story: "Tallies are brought forward, and how far they have come is written down behind an await.",
    breaks: "a figure equals its rows",
    changes: [
      {
        module: "book/book.do.ts",
        from: "    this.#bringTalliesForward(now);",
        to: "    await this.#bringTalliesForward(now);",
      },
      {
        module: "book/book.do.ts",
        from: `  #bringTalliesForward(now: number): void {
    this.#atomically(() => {
      const { talliesDueAt = null, talliedTo = 0 } = this.#row.readOpen() ?? {};
      if (talliesDueAt === null || talliesDueAt > now) return;
      this.#row.tallied(this.#tallies.bringForward(talliedTo));
    });
  }
`,
        to: `  async #bringTalliesForward(now: number): Promise<void> {
    const { talliesDueAt = null, talliedTo = 0 } = this.#row.readOpen() ?? {};
    if (talliesDueAt === null || talliesDueAt > now) return;
    const to = this.#atomically(() => this.#tallies.bringForward(talliedTo));
    await scheduler.wait(1_000);
    this.#atomically(() => this.#row.tallied(to));
  }
`,
      },
    ],
  },
  {
    name: "tail-forgotten",
    story: "An answer is read from the tallies alone: what came since the last quarter of an hour is not in it.",
    breaks: "a figure equals its rows",
    changes: [
      {
        module: "book/tallies.ts",
        from: "      for (const row of tail.sum.rows()) if (row.tag === tag) figures.add(row);\n",
        to: "",
      },
    ],
  },
  {
    name: "state-before-counted-still",
    story: "A message that moves is counted where it is now, and stays counted where it was.",
    breaks: "a figure equals its rows",
    changes: [{ module: "book/tallies.ts", from: "    if (from !== null) increments.push([from, -1]);\n", to: "" }],
  },
  {
    name: "roll-up-drops-a-kind",
    story: "Accesses that are rolled up are counted of persons alone, because no figure is made of the others.",
    breaks: "a book has what its links have",
    changes: [
      {
        module: "link/events.ts",
        from: '      const fact: LinkFact = { kind: "accesses",',
        to: '      if (access !== "person") continue;\n      const fact: LinkFact = { kind: "accesses",',
      },
    ],
  },
  {
    name: "lost-after-its-batch-was-answered",
    story: "A report is acknowledged when it has come, and written down a moment later.",
    breaks: "a book has what its links have",
    changes: [
      {
        module: "book/book.do.ts",
        from: `    return this.#atomically(() =>
      this.#lines.take(reports, Date.now()).map(({ acknowledged, line }) => {
        if (line !== null) this.messages.linkChanged(line);
        return watchedUntil === undefined ? acknowledged : { ...acknowledged, watchedUntil };
      }),
    );
`,
        to: `    const write = () =>
      this.#lines.take(reports, Date.now()).map(({ line }) => {
        if (line !== null) this.messages.linkChanged(line);
      });
    this.ctx.waitUntil(scheduler.wait(1_000).then(() => this.#atomically(write)));
    return reports.map(({ code, createdAt, after, events }) => {
      return { code, createdAt, have: events.at(-1)?.number ?? after };
    });
`,
      },
    ],
  },
  {
    name: "book-ended-with-a-link-left",
    story: "A book ends when its time is over, whatever its links have still to say.",
    breaks: "a book ends when no link of it is left",
    changes: [
      {
        module: "book/ending.ts",
        from: 'isAny ||= answers.some((answer) => answer.status === "rejected" || answer.value);',
        to: "isAny ||= answers.length > AT_ONCE;",
      },
    ],
  },
  {
    name: "counted-by-book-and-archive",
    story: "A book whose totals are its account's is asked as long as it is there.",
    breaks: "a figure equals its rows",
    changes: [
      { module: "account/books.ts", from: "WHERE archived_at IS NULL ORDER", to: "WHERE emptied = 0 ORDER" },
      {
        module: "figures/figures.route.ts",
        from: "archivedFigures(question, answered)",
        to: "archivedFigures(question, [])",
      },
    ],
  },
  {
    name: "archived-with-its-first-part",
    story: "The first part of a book's totals is taken for all of them.",
    breaks: "a figure equals its rows",
    changes: [
      {
        module: "account/account.do.ts",
        from: 'if (taken !== "whole" || part.last === null) return taken === "again" ? taken : "kept";\n      this.#books.archive({ number: book, position: part.last.position }, now);',
        to: "this.#books.archive({ number: book, position: part.last?.position ?? 1e9 }, now);",
      },
    ],
  },
  {
    name: "ended-without-an-answer",
    story: "The account was handed the totals; that its answer did not come is no reason to keep the book.",
    breaks: "a figure equals its rows",
    changes: [
      {
        module: "book/ending.ts",
        from: "      case null:\n        this.#row.endsLater(now + RETRY_MS);\n",
        to: "      case null:\n        return true;\n",
      },
    ],
  },
  {
    name: "late-link-in-no-pack",
    story: "A pack is written anew when one of its links was changed; that one can come late, too, is forgotten.",
    breaks: "a search finds what the list has",
    changes: [{ module: "book/lines.ts", from: 'kind === "opened" || kind === "changed"', to: 'kind === "changed"' }],
  },
  {
    name: "row-between-steps-not-exported",
    story: "A step of an export begins behind the row that comes next, and not behind the one that was last.",
    breaks: "a figure equals its export",
    changes: [{ module: "export/journal-steps.ts", from: "behind += STEP)", to: "behind += STEP + 1)" }],
  },
];

/** The text of a file, seen from src/, with the changes that are to it. Throws when there is no place for one. */
export function planted(changes: readonly Change[], file: string, text: string): string {
  for (const { module, from, to } of changes) {
    if (module !== file) continue;
    if (text.split(from).length !== 2) throw new Error(`src/${module} does not hold this text once: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}

/** The bug of that name. Throws when there is none. */
export function bugNamed(name: string): Bug {
  const bug = BUGS.find((candidate) => candidate.name === name);
  if (bug === undefined)
    throw new Error(`no bug is named ${name}; there are: ${BUGS.map((known) => known.name).join(", ")}`);
  return bug;
}
