// What is used of Node's module, which Workers have at our compatibility date: its types would bring all of Node's globals along.

declare module "node:crypto" {
  export interface Cipheriv {
    setAutoPadding(isOn: boolean): this;
    update(data: ArrayBufferView): Uint8Array;
  }
  export function createCipheriv(algorithm: "aes-256-ecb", key: Uint8Array, iv: null): Cipheriv;
  export function createCipheriv(algorithm: "aes-256-cbc", key: Uint8Array, iv: Uint8Array): Cipheriv;
}
