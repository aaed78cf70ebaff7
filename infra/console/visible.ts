// Text as it can be read: what is not seen, or turns around what is, stands as JSON would write it. Else two ids that
// differ look the same, and a name shows its end first.

/** Controls, and all that is ignored when it is drawn. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800]/gu;

/** What may be there without being seen, and behind what: spelling of emoji, and of scripts whose letters join. */
const HARMLESS: readonly (readonly [hidden: RegExp, behind: RegExp])[] = [
  [/[\n\t]/, /^/],
  [/\p{Variation_Selector}/u, /[\p{Emoji}\p{S}\p{sc=Han}\p{sc=Mongolian}]$/u],
  [
    /\u200c|\u200d/,
    /(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Mongolian}]|\p{M})$/u,
  ],
];

export const visible = (text: string): string =>
  text.replace(HIDDEN, (found, at: number) => {
    const before = text.slice(Math.max(0, at - 2), at);
    if (HARMLESS.some(([hidden, behind]) => hidden.test(found) && behind.test(before))) return found;
    return Array.from({ length: found.length }, (_, unit) => escaped(found.charCodeAt(unit))).join('');
  });

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
