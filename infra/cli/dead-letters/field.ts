// What the detail of a dead letter is about: the command line and the console group by it alike.

/** One of two may be asked for: `userId or anonymousId`. */
const FIELD = /^([\w.[\]]{1,100}(?: or [\w.[\]]{1,100})?): /;

/** Details read `field: what is wrong`; undefined where one names none. */
export const fieldOf = (detail: string | undefined): string | undefined => FIELD.exec(detail ?? '')?.[1];
