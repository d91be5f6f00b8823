/**
 * Looks an answer up in a table of verdicts that Python made when the book was built.
 *
 * It knows nothing about any exercise: what is right, what is wrong and how an answer may be written stands
 * in the table. Its format is described in `dlbook/answers/tables.py`, whose `lookup` does the same in Python;
 * the tests compare the two.
 *
 * @typedef {{status: string, message: string, mistake: string, see: string}} Verdict
 *
 * @typedef {object} Table
 * @property {"lookup" | "number"} type
 * @property {number} longest how many characters an answer may have
 * @property {number} long the verdict on an answer that has more
 * @property {number} blank the verdict on an empty answer
 * @property {[string, string]} map characters, and what replaces each of them
 * @property {boolean} lower whether A to Z become small
 * @property {[string, string][]} clean regular expressions, and what replaces what they find
 * @property {boolean} sort whether the characters are sorted, each of them once
 * @property {[string, number][]} patterns regular expressions, and the verdicts where they are found
 * @property {number} else the verdict on all that nothing knows
 * @property {Verdict[]} verdicts
 * @property {Record<string, number>} [answers] verdicts by canonical form
 * @property {Record<string, number | null>} [units] factors, null for units of another sort
 * @property {number} [foreign] the verdict on a unit of another sort
 * @property {number | null} [bare] the verdict on a number that lacks its unit
 * @property {[number | null, boolean, number | null, boolean, number, number][]} [intervals]
 *   low, whether it belongs, high, whether it belongs, digits typed (0: any), verdict
 */

// What Python takes for white space.
const WHITE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/gu;
const PLAIN = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))((?:[eE][+-]?[0-9]{1,4})?) ?(.*)$/su;

/** @type {Map<string, RegExp>} */
const compiled = new Map();

/**
 * Find the verdict on an answer.
 *
 * @param {Table} table the key's table
 * @param {string} raw the answer as it was entered
 * @returns {Verdict | null} null if Python has to decide: a number that is typed as a formula
 */
export function lookup(table, raw) {
  const index = find(table, raw);
  return index === null ? null : table.verdicts[index];
}

/**
 * Bring an answer into the form that the table knows.
 *
 * @param {Table} table
 * @param {string} raw
 * @returns {string}
 */
export function canonical(table, raw) {
  let text = tidy(table, raw);
  if (table.lower) {
    text = text.replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
  }
  for (const [pattern, replacement] of table.clean) {
    text = text.replace(regex(pattern), replacement);
  }
  return table.sort ? [...new Set(text)].sort().join("") : text;
}

/**
 * @param {Table} table
 * @param {string} raw
 * @returns {number | null}
 */
function find(table, raw) {
  if (raw.replace(WHITE, "") === "") {
    return table.blank;
  }
  if (raw.length > table.longest && [...raw].length > table.longest) {
    return table.long;
  }
  const text = canonical(table, raw);
  if (table.answers && Object.hasOwn(table.answers, text)) {
    return table.answers[text];
  }
  for (const [pattern, index] of table.patterns) {
    if (text.search(regex(pattern)) >= 0) {
      return index;
    }
  }
  return table.type === "number" ? number(table, text) : table.else;
}

/**
 * Find the verdict on a plain number, with or without a unit.
 *
 * @param {Table} table
 * @param {string} text
 * @returns {number | null}
 */
function number(table, text) {
  const parts = PLAIN.exec(text);
  if (!parts || (parts[3] && !Object.hasOwn(table.units, parts[3]))) {
    return null;
  }
  const [, mantissa, exponent, unit] = parts;
  const factor = unit ? table.units[unit] : 1;
  if (factor === null) {
    return table.foreign;
  }
  if (!unit && table.bare !== null) {
    return table.bare;
  }
  const value = Number(mantissa + exponent) * factor;
  const digits = significant(mantissa);
  for (const [low, lowBelongs, high, highBelongs, wanted, index] of table.intervals) {
    const above = low === null || value > low || (lowBelongs && value === low);
    const below = high === null || value < high || (highBelongs && value === high);
    if (above && below && (wanted === 0 || wanted === digits)) {
      return index;
    }
  }
  return table.else;
}

/**
 * Count the significant digits of a number that was typed without exponent.
 *
 * @param {string} mantissa
 * @returns {number}
 */
function significant(mantissa) {
  const digits = mantissa.includes(".") ? mantissa.replace(".", "") : mantissa.replace(/0+$/u, "");
  return digits.replace(/^[+-]?0*/u, "").length;
}

/**
 * Replace single characters, and cut white space down to single blanks.
 *
 * @param {Table} table
 * @param {string} raw
 * @returns {string}
 */
function tidy(table, raw) {
  const [from, to] = table.map;
  const mapped = [...raw].map((character) => {
    const place = from.indexOf(character);
    return place < 0 ? character : to[place];
  });
  return mapped.join("").replace(WHITE, " ").replace(/^ | $/gu, "");
}

/**
 * @param {string} pattern
 * @returns {RegExp}
 */
function regex(pattern) {
  let found = compiled.get(pattern);
  if (!found) {
    found = new RegExp(pattern, "gu");
    compiled.set(pattern, found);
  }
  return found;
}
