// What the set-up in Node hands to the tests inside workerd.

import "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** Origin of the scripted receiver. */
    receiverUrl: string;
    /** Origin of the carriers' servers. */
    carrierUrl: string;
  }
}
