// A text that somebody entered, with invisible characters shown, because they can deceive.

/**
 * Replaces each control character and each character without width by its code, except those that join letters or
 * select a glyph where a script needs them.
 */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, sign => `[${codeOf(sign)}]`)
}

const UNSEEN =
  /(?<![^\x20-\x7e])[\p{Join_Control}\p{Variation_Selector}]|(?![\p{Join_Control}\p{Variation_Selector}])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

function codeOf(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
