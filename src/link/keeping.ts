// What the rooms of a link's object need of it.

import type { StoredLink } from "./stored-link.ts";

export interface Keeping {
  /** Its bindings. */
  env: () => Env;
  /** All of the writes or none, with the alarm that follows. */
  write: <T>(write: () => T) => T;
  /** Whether something is owed to somebody: nobody else knows of it. */
  owes: (link: StoredLink) => boolean;
  /** The link's account is closed. */
  accountGone: (accountSid: string) => Promise<void>;
  /** The book is gone, of the link that was made at this instant (Unix ms). */
  bookGone: (createdAt: number) => Promise<void>;
  /** The storage was deleted, or put back to an earlier state: what is remembered of it may be wrong. */
  forgetStorage: () => void;
}
