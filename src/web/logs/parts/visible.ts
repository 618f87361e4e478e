// A text that somebody wrote, with every character shown that fonts do not draw: what one cannot see may deceive.

/** Each control character and each that has no width as its code, but for those that join letters or choose a sign's form
 *  where a script needs them. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, sign => `[${codeOf(sign)}]`)
}

const UNSEEN =
  /(?<![^\x20-\x7e])[\p{Join_Control}\p{Variation_Selector}]|(?![\p{Join_Control}\p{Variation_Selector}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

function codeOf(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
