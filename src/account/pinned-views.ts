// Views of the dashboard that the account keeps under a name: the state of a page is in its address.

import * as v from "valibot";
import { plainText } from "../link/fields.ts";

export const MOST_PINS = 20;
const LONGEST_NAME = 60;
const LONGEST_PATH = 1_000;

export const PINS_COLUMN = "pinned_views TEXT";

export interface PinnedView {
  name: string;
  /** With its query, on this host. */
  path: string;
}

const list = `must be an array of at most ${MOST_PINS} of {"name", "path"}`;
const path = `path must be an address of the dashboard without its host, such as /dashboard/links?tag=june, of at most ${LONGEST_PATH} characters`;

export const pinnedViewsField = v.pipe(
  v.array(
    v.strictObject(
      {
        name: plainText(LONGEST_NAME, "name "),
        path: v.pipe(
          v.string(path),
          v.maxLength(LONGEST_PATH, path),
          v.regex(/^\/dashboard(?:\/[a-z0-9/-]*)?(?:\?[!-~]*)?$/i, path),
        ),
      },
      list,
    ),
    list,
  ),
  v.maxLength(MOST_PINS, list),
);
