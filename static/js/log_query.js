// What is written into the find box: words, "quoted words", /an expression/, level:error,
// stream:stderr, container:web, and each of them with a minus before it.

const TOKEN = /(-?)(?:"([^"]*)"|\/((?:\\.|[^\/\\])+)\/(i?)(?=\s|$)|(\S+))/g;
const CHIP = /^(level|stream|container):(\S+)$/i;

export const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * `{text, chips: [{key, values, negative, text}], patterns: [{source, flags, negative, regex}], error}`.
 * Words that stand together are one phrase; everything must hold.
 */
export function parse(text, exactCase = false) {
  const query = { text: text.trim(), chips: [], patterns: [], error: "" };
  let phrase = null;
  for (const match of query.text.matchAll(TOKEN)) {
    const [whole, minus, quoted, expression, flag, word] = match;
    const negative = minus === "-";
    const chip = word && CHIP.exec(word);
    if (word && !chip && !negative) {
      if (phrase) phrase.words = query.text.slice(phrase.from, match.index + whole.length);
      else query.patterns.push((phrase = { from: match.index, words: word, negative: false }));
      continue;
    }
    phrase = null;
    if (chip) query.chips.push({ key: chip[1].toLowerCase(), values: chip[2].toLowerCase().split(","), negative, text: whole });
    else if (expression) query.patterns.push({ source: expression, flags: `g${flag}`, negative, regex: true });
    else if (quoted || word) query.patterns.push({ words: quoted ?? word, negative });
  }
  for (const pattern of query.patterns) settle(pattern, exactCase, query);
  return query;
}

function settle(pattern, exactCase, query) {
  if (pattern.words !== undefined) {
    pattern.source = escaped(pattern.words);
    pattern.flags = exactCase ? "g" : "gi";
  }
  try {
    new RegExp(pattern.source, pattern.flags);
  } catch (error) {
    query.error = error.message;
  }
}
