// What the set-up in Node hands to the tests inside workerd.

// Of vitest only the type: where the set-up in Node imported vitest itself, it could not start.
export type { ProvidedContext } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** Origin of the scripted receiver. */
    receiverUrl: string;
    /** Origin of the carriers' servers. */
    carrierUrl: string;
  }
}
