// The QR code of a short URL: dark on white whatever the theme, because scanners need it so, with the quiet zone of the standard.

import { correction, generate } from "lean-qr";
import { toPngBuffer } from "lean-qr/extras/node_export";
import { toSvgSource } from "lean-qr/extras/svg";

/** Modules of white around the code (ISO/IEC 18004). */
const QUIET_MODULES = 4;
/** Pixels of a module: a print of 5 cm stays sharp. */
const PIXELS = 16;

function codeOf(text: string) {
  // A quarter of it may be dirty or torn.
  return generate(text, { minCorrectionLevel: correction.Q });
}

export function qrSvg(text: string): string {
  return toSvgSource(codeOf(text), { on: "#000", off: "#fff", pad: QUIET_MODULES, xmlDeclaration: false });
}

export function qrPng(text: string): Uint8Array {
  const colours = { on: [0, 0, 0, 255], off: [255, 255, 255, 255] } as const;
  return toPngBuffer(codeOf(text), { ...colours, pad: QUIET_MODULES, scale: PIXELS });
}
