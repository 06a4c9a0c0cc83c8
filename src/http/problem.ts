// Errors as RFC 9457 problems. Thrown by routes, turned into a response in one place (app.ts).

import { answerJson } from "./json.ts";

/** One wrong field of the input and what to do about it. */
export interface FieldError {
  field: string;
  message: string;
}

export interface ProblemFacts {
  status: number;
  /** Stable name for programs: the `type` is `urn:firsttap:problem:<slug>`. */
  slug: string;
  title: string;
  /** What to do. Holds no input of the client and nothing secret. */
  detail?: string;
  errors?: FieldError[];
}

/** An expected refusal. Anything else that a route throws is a bug or an outage. */
export class Problem extends Error {
  readonly facts: ProblemFacts;
  readonly headers: Record<string, string>;

  constructor(facts: ProblemFacts, headers: Record<string, string> = {}) {
    super(facts.title);
    this.name = "Problem";
    this.facts = facts;
    this.headers = headers;
  }
}

/** 422: the input was understood, and these fields are wrong. */
export function wrongFields(errors: FieldError[]): Problem {
  return new Problem({ status: 422, slug: "wrong-fields", title: "Some fields are wrong", errors });
}

/** 404: there is no such thing in this account, whoever else may have one. */
export function notFound(what: string): Problem {
  return new Problem({ status: 404, slug: "not-found", title: `There is no such ${what} in this account` });
}

/** 401: the account was closed between authenticating and now. */
export function accountClosed(): Problem {
  return new Problem({ status: 401, slug: "unauthorized", title: "The account is closed" });
}

export const API_HEADERS = {
  "Cache-Control": "private, no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=31536000",
  "X-Content-Type-Options": "nosniff",
  "X-Robots-Tag": "noindex, nofollow",
};

/** The problem as a response. */
export function problemResponse(facts: ProblemFacts, headers: Record<string, string> = {}): Response {
  const { slug, ...rest } = facts;
  const type = { "Content-Type": "application/problem+json" };
  return answerJson({ type: `urn:firsttap:problem:${slug}`, ...rest }, facts.status, {
    ...API_HEADERS,
    ...headers,
    ...type,
  });
}
