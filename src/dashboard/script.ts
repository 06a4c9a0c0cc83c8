// What pages do beyond HTML. Each of them works without.

export const SCRIPT = `
`;
