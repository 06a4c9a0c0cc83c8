// Makes many things at once, by the methods by which they are made one by one: for `npm run bench -- --growth` only. They are as old as
// if they had been made one by one over the last weeks, the first the oldest.

const WEEKS_MS = 28 * 86_400_000;
const LIFETIME_MS = 90 * 86_400_000;
const TIME_DIGITS = 9;
/** Nothing is sent before. */
const NEVER = 9e14;
const ACCESSES_AT_ONCE = 500;

/** Since when things are made. */
let startAt = 0;

/**
 * So many of them, evenly until an hour ago.
 * @param {number} n
 * @param {number} size
 */
function instantOf(n, size) {
  if (startAt === 0) startAt = Date.now() - WEEKS_MS - 3_600_000;
  return Math.floor(startAt + (n * WEEKS_MS) / size);
}

/**
 * What people write of the thing with this number: half of all have one tag, and the seventh has one of its own.
 * @param {number} n
 */
function fieldsOf(n) {
  const tags = n === 7 ? ["rare", "usual"] : n % 2 === 0 ? ["usual"] : [];
  const destination = `https://shop.example.com/orders/${String(n * 7_919).padStart(8, "0")}?utm_source=sms&utm_campaign=summer`;
  return { destination, tags, reference: `order-${n}` };
}

/**
 * Letters and digits that look random, another for each number.
 * @param {number} n
 * @param {number} length
 */
function mixed(n, length) {
  let text = "";
  for (let seed = n + 1; text.length < length; seed++)
    text += ((Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0) * 4_093 + seed).toString(36);
  return text.slice(0, length);
}

/**
 * Links, of whose older half each tenth was opened.
 * @param {{ report(reports: import("../../../src/book/book.ts").LinkReport[]): unknown }} book
 * @param {number} from
 * @param {number} count
 * @param {number} size how many there will be in all
 */
export function fillLinks(book, from, count, size) {
  const visitor = { reason: null, device: "iPhone", country: "JP", network: null };
  const reports = Array.from({ length: count }, (_, k) => {
    const n = from + k;
    const createdAt = instantOf(n, size);
    const code = `${mixed(n, 6)}e${n.toString(36)}`;
    const expiresAt = createdAt + LIFETIME_MS;
    const shortUrl = `https://s.example.com/${code}`;
    /** @type {import("../../../src/book/book.ts").LinkEvent[]} */
    const events = [
      { number: 1, at: createdAt, kind: "opened", callbackUrl: null, shortUrl, msgid: null, expiresAt, ...fieldsOf(n) },
    ];
    if (n % 10 === 0 && n < size / 2)
      events.push({ number: 2, at: createdAt + 1_000, kind: "access", access: "person", first: true, ...visitor });
    return { sid: "main", book: 1, code, createdAt, after: 0, events };
  });
  book.report(reports);
}

/**
 * Messages that were delivered, each to a number of its own.
 * @param {import("../../../src/sms/message-keeper.ts").Keeping} keeping
 * @param {import("../../../src/sms/message-book.ts").MessageBook} messages
 * @param {number} from
 * @param {number} count
 * @param {number} size how many there will be in all
 */
export function fillMessages(keeping, messages, from, count, size) {
  keeping.write(undefined, undefined, () => {
    for (let n = from; n < from + count; n++) {
      const createdAt = instantOf(n, size);
      const msgid = `${createdAt.toString(36).padStart(TIME_DIGITS, "0")}b000002${mixed(n, 16)}`;
      const code = `${mixed(n, 6)}a${n.toString(36)}`;
      const shortUrl = `https://s.example.com/${code}`;
      const { destination, tags, reference } = fieldsOf(n);
      const message = {
        msgid,
        origin: "https://s.example.com",
        sender: "SHOP",
        recipient: n === 7 ? "+818099999999" : `+8180${String(n).padStart(8, "0")}`,
        text: `Your order is on its way, look where it is: ${shortUrl}`,
        parts: 1,
        cost: 0,
        tags,
        reference,
        callbackUrl: null,
        link: { code, destination, shortUrl, expiresAt: createdAt + LIFETIME_MS },
        createdAt,
      };
      messages.add(message, NEVER);
      messages.reported(msgid, "DELIVERED", null, createdAt + 3_000);
    }
  });
}

/**
 * Accesses by persons of one link, in batches as the edge makes them.
 * @param {{ record(accesses: import("../../../src/link/link.ts").Access[], batch?: string): unknown }} link
 * @param {number} from
 * @param {number} count
 */
export function fillAccesses(link, from, count) {
  for (let first = from; first < from + count; first += ACCESSES_AT_ONCE) {
    const accesses = Array.from({ length: Math.min(ACCESSES_AT_ONCE, from + count - first) }, (_, k) => {
      const at = Date.now() - 3_600_000 + Math.floor((first + k) / 1_000);
      const id = at.toString(36).padStart(TIME_DIGITS, "0") + mixed(first + k, 10);
      return { id, at, kind: /** @type {const} */ ("person"), reason: null, device: "iPhone", country: "JP" };
    });
    link.record(accesses, accesses[0]?.id);
  }
}

/** @param {SqlStorage} sql of an account */
export function nextBook(sql) {
  sql.exec("UPDATE book SET full = 1");
}
