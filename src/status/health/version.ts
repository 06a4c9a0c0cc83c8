/** As in package.json; between releases it is that of the last one. */
export const VERSION = "0.1.0";
