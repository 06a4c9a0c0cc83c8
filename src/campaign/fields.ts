// The schemas of a campaign's fields as a client sends them. Messages continue the sentence "this field …".

import * as v from "valibot";
import type { AddressRules } from "../link/address.ts";
import { callbackUrlField, plainText, referenceField, secondsField, tagsField } from "../link/fields.ts";
import { type Destination, LINK_LIFETIME_SECONDS } from "../link/link.ts";
import { LARGEST_SIZE } from "./campaign.ts";
import { checkTemplate } from "./template.ts";

const LONGEST_NAME = 100;
const LONGEST_UTM = 100;

const nameField = plainText(LONGEST_NAME);

const sizeField = v.pipe(
  v.number("must be a number"),
  v.check(
    (size) => Number.isInteger(size) && size >= 1 && size <= LARGEST_SIZE,
    `must be a whole number from 1 to ${LARGEST_SIZE}`,
  ),
);

/** A template of destinations, normalised. */
const templateField = (rules: AddressRules) =>
  v.pipe(
    v.string("must be a string"),
    v.rawTransform<string, Destination>(({ dataset, addIssue, NEVER }) => {
      const checked = checkTemplate(dataset.value, rules);
      if (checked.kind === "ok") return checked.url;
      addIssue({ message: checked.message });
      return NEVER;
    }),
  );

const utmField = v.strictObject(
  {
    source: v.exactOptional(plainText(LONGEST_UTM, "source ")),
    medium: v.exactOptional(plainText(LONGEST_UTM, "medium ")),
    campaign: v.exactOptional(plainText(LONGEST_UTM, "campaign ")),
    term: v.exactOptional(plainText(LONGEST_UTM, "term ")),
    content: v.exactOptional(plainText(LONGEST_UTM, "content ")),
    id: v.exactOptional(plainText(LONGEST_UTM, "id ")),
  },
  "must be an object with source, medium, campaign, term, content, id, or some of them",
);

export const newCampaignFields = (rules: AddressRules) => ({
  name: nameField,
  url: templateField(rules),
  size: sizeField,
  utm: v.optional(utmField, {}),
  callback_url: v.exactOptional(callbackUrlField(rules)),
  expires_in_seconds: v.optional(secondsField(LINK_LIFETIME_SECONDS, "90 days"), LINK_LIFETIME_SECONDS),
  tags: v.optional(tagsField, []),
  reference: v.optional(referenceField, null),
});

export const campaignChangeFields = (rules: AddressRules) => ({
  name: v.exactOptional(nameField),
  url: v.exactOptional(templateField(rules)),
  size: v.exactOptional(sizeField),
  callback_url: v.exactOptional(callbackUrlField(rules)),
  tags: v.exactOptional(tagsField),
  reference: v.exactOptional(referenceField),
  ends_in_seconds: v.exactOptional(secondsField(LINK_LIFETIME_SECONDS, "90 days")),
});
