// The one style sheet.

export const STYLE = `
:root { color-scheme: light dark }
`;
