// What may be asked of an object.

import { DurableObject } from "cloudflare:workers";

/** The names of a class's methods, its own and those that it inherits, up to the platform's class. */
export function methodsOf(objectClass: { prototype: object }): string[] {
  const names: string[] = [];
  let prototype = objectClass.prototype;
  while (prototype !== DurableObject.prototype) {
    names.push(...Object.getOwnPropertyNames(prototype));
    prototype = Object.getPrototypeOf(prototype) as object;
  }
  return [...new Set(names)];
}
