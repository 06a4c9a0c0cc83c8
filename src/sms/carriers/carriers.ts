// Every carrier that there is. A new one is a file beside these, a line here, and its settings in carrier-settings.ts.

import type { Settings } from "../../settings.ts";
import type { CarrierName } from "./carrier-settings.ts";
import type { Carrier, MakeCarrier } from "./carrier.ts";
import { http } from "./http.ts";
import { outbox } from "./outbox.ts";
import { twilio } from "./twilio.ts";
import { xoxzo } from "./xoxzo.ts";

export const CARRIERS: Record<CarrierName, MakeCarrier> = { outbox, twilio, xoxzo, http };

/** The carrier of this name, as these settings make it. */
export function carrierOf({ carrierSettings, allowLocalAddresses }: Settings, name: CarrierName): Carrier {
  return CARRIERS[name](carrierSettings, allowLocalAddresses);
}
