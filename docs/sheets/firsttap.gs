// Keeps the sheet "Messages" equal to your messages, every hour: also a message of long ago whose link is opened only now.
//
// In your Google Sheet: Extensions, Apps Script, put this file in place of what is there, save, and load the sheet again. The new
// menu "firsttap" has "Set up": it asks for the address of your feed, https://HOST/feed/TOKEN. Whoever may edit the sheet can read
// that address; all that it opens is this list, read-only, until you revoke it.

const SHEET_NAME = "Messages";

/** The columns from A on, and what their cells hold. Yours may stand to the right of them. */
const COLUMNS = [
  ["msgid", "text"],
  ["recipient", "text"],
  ["sender", "text"],
  ["status", "text"],
  ["parts", "number"],
  ["cost", "number"],
  ["sent_time", "time"],
  ["lt_accessed", "yes or no"],
  ["lt_accessed_on", "time"],
  ["lt_original_link", "text"],
  ["lt_shortlink", "text"],
  ["tags", "list"],
];

/** "@" is plain text: without it +81… becomes a number, and =… a formula. Times are shown in the time zone of the sheet. */
const FORMATS = {
  text: "@",
  list: "@",
  number: "General",
  "yes or no": "General",
  time: "yyyy-mm-dd hh:mm:ss",
};

/** What a cell gets for a field of the feed. An empty field is no value. */
const CELLS = {
  text: (field) => field,
  list: (field) => JSON.parse(field).join(", "),
  number: Number,
  "yes or no": (field) => field === "true",
  time: (field) => new Date(field),
};

/** The most that a feed answers at once. */
const PAGE_ROWS = 5000;
/** Changed rows are read and written with their neighbours, so that a thousand scattered ones are not a thousand calls. */
const BLOCK_ROWS = 2000;
/** Google ends a run after six minutes. What is left is for the next one. */
const WORK_MS = 4 * 60 * 1000;

function onOpen() {
  SpreadsheetApp.getUi().createMenu("firsttap").addItem("Set up", "setUp").addItem("Update now", "update").addToUi();
}

/** Asks for the feed, starts from its beginning, and goes on every hour. Doing it again changes the feed. */
function setUp() {
  const answer = SpreadsheetApp.getUi().prompt("The address of your feed, https://HOST/feed/TOKEN");
  const feed = answer.getResponseText().trim().replace(/\/+$/, "");
  if (feed === "") return;
  if (!/^https:\/\/[^/?#]+\/feed\/[^/?#]+$/.test(feed))
    throw new Error("This is not the address of a feed: it reads https://HOST/feed/TOKEN");
  PropertiesService.getScriptProperties().setProperty("FEED", feed).deleteProperty("CURSOR");
  installTrigger();
  update();
}

/** One trigger. One that somebody else has set up in this sheet cannot be seen from here; `update` knows it by its id. */
function installTrigger() {
  for (const trigger of ScriptApp.getProjectTriggers())
    if (trigger.getHandlerFunction() === "update") ScriptApp.deleteTrigger(trigger);
  const trigger = ScriptApp.newTrigger("update").timeBased().everyHours(1).create();
  PropertiesService.getScriptProperties().setProperty("TRIGGER", trigger.getUniqueId());
}

/** Brings the sheet up to date. Run by the trigger, which gives an event, and from the menu. */
function update(event) {
  const properties = PropertiesService.getScriptProperties();
  const trigger = event && event.triggerUid;
  if (trigger && trigger !== properties.getProperty("TRIGGER")) return;
  const feed = properties.getProperty("FEED");
  if (!feed) throw new Error('Choose "Set up" in the menu "firsttap" first.');
  const lock = LockService.getScriptLock();
  // Another run is at work.
  if (!lock.tryLock(1000)) return;
  try {
    fetchChanges(feed, properties, Date.now() + WORK_MS);
  } finally {
    lock.releaseLock();
  }
}

function fetchChanges(feed, properties, until) {
  const sheet = openSheet();
  const ids = readIds(sheet);
  // Somebody has emptied the sheet: then all is new.
  let cursor = (ids.length > 0 && properties.getProperty("CURSOR")) || "";
  while (Date.now() < until) {
    const page = readPage(feed, cursor);
    if (page.rows.length === 0) return;
    writeRows(sheet, ids, page.rows);
    // The cursor moves only when the rows are in the sheet: what a broken run has written is written again.
    SpreadsheetApp.flush();
    cursor = page.cursor;
    properties.setProperty("CURSOR", cursor);
  }
}

function openSheet() {
  const file = SpreadsheetApp.getActiveSpreadsheet();
  const sheet = file.getSheetByName(SHEET_NAME) || file.insertSheet(SHEET_NAME);
  const first = sheet.getRange(1, 1).getValue();
  if (first === COLUMNS[0][0]) return sheet;
  if (sheet.getLastRow() > 0)
    throw new Error(`The sheet "${SHEET_NAME}" holds something else: rename it, and a new one is made.`);
  sheet.getRange(1, 1, 1, COLUMNS.length).setValues([COLUMNS.map(([name]) => name)]);
  sheet.setFrozenRows(1);
  return sheet;
}

/** The msgid of each row below the header, in their order. */
function readIds(sheet) {
  const rows = sheet.getLastRow() - 1;
  return rows < 1
    ? []
    : sheet
        .getRange(2, 1, rows, 1)
        .getValues()
        .map(([id]) => id);
}

/** The messages that changed since the cursor, as rows of cells, and the cursor after them. No rows: there is no more. */
function readPage(feed, cursor) {
  const address = `${feed}/messages.csv?limit=${PAGE_ROWS}&changed_since=${encodeURIComponent(cursor)}`;
  const answer = fetchQuietly(address);
  const status = answer.getResponseCode();
  if (status === 403 || status === 404) throw new Error('The feed was revoked: make a new one, and choose "Set up".');
  if (status !== 200) throw new Error(`The feed answered ${status}. The next run goes on where this one ended.`);
  const headers = answer.getHeaders();
  const name = Object.keys(headers).find((key) => key.toLowerCase() === "x-next-cursor");
  if (!name) throw new Error("The feed named no cursor: is this its address?");
  const [header, ...lines] = Utilities.parseCsv(answer.getContentText("UTF-8"));
  const places = COLUMNS.map(([column]) => header.indexOf(column));
  const rows = lines.map((line) =>
    COLUMNS.map(([, type], index) => {
      const field = line[places[index]];
      return field === undefined || field === "" ? "" : CELLS[type](field);
    }),
  );
  return { rows, cursor: headers[name] };
}

/** Google's own errors name the address, and with it the token, in a log that others may read. */
function fetchQuietly(address) {
  try {
    return UrlFetchApp.fetch(address, { muteHttpExceptions: true, followRedirects: false });
  } catch {
    throw new Error("The feed could not be reached. The next run goes on where this one ended.");
  }
}

/** Messages that are in the sheet change where they are; the others come to its end. */
function writeRows(sheet, ids, rows) {
  // Of two lines for one message the later one is true.
  const changed = new Map(rows.map((row) => [row[0], row]));
  const known = new Set();
  const blocks = new Map();
  ids.forEach((id, index) => {
    if (!changed.has(id)) return;
    known.add(id);
    const block = Math.floor(index / BLOCK_ROWS);
    blocks.set(block, { first: index, ...blocks.get(block), last: index });
  });
  for (const { first, last } of blocks.values()) {
    const range = sheet.getRange(first + 2, 1, last - first + 1, COLUMNS.length);
    write(
      range,
      range.getValues().map((row) => changed.get(row[0]) || row),
    );
  }
  const added = [...changed.values()].filter(([id]) => !known.has(id));
  if (added.length > 0) append(sheet, ids, added);
}

function append(sheet, ids, rows) {
  const missing = ids.length + 1 + rows.length - sheet.getMaxRows();
  if (missing > 0) sheet.insertRowsAfter(sheet.getMaxRows(), missing);
  write(sheet.getRange(ids.length + 2, 1, rows.length, COLUMNS.length), rows);
  for (const [id] of rows) ids.push(id);
}

/** Formats first: they decide what a cell makes of a value. */
function write(range, rows) {
  const formats = COLUMNS.map(([, type]) => FORMATS[type]);
  range.setNumberFormats(rows.map(() => formats));
  range.setValues(rows);
}
