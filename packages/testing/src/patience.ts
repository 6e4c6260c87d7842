/** Milliseconds after which what was waited for will not come, rather than be late on a machine that does much else. */
export const PATIENCE = 10_000;
