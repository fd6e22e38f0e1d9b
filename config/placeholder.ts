/** Words of secrets that were typed or copied instead of drawn at random. */
const WORDS =
  /change|replace|placeholder|example|insecure|default|password|secret|super|token|jwt|key|random|string|value|signpost|company|signing|your|this|that|long|with|should|must|please|least|bytes|characters|development|staging|production|test|base64|openssl/g;

/** Columns of keys, and rows, on which fingers walk to and fro. */
const COLUMNS = /1qaz|2wsx|3edc|4rfv|5tgb|6yhn|7ujm|8ik|9ol/g;
const KEYBOARD = '1234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm';
const WALKS = `${KEYBOARD} ${KEYBOARD.split('').toReversed().join('')}`;

/** So many characters as before are a repetition, and no chance. */
const REPEATED = 4;
/**
 * What was drawn has more: the 32 hexadecimal digits of a UUID, the fewest that are long enough, have 78 and more
 * (of a million), the 64 of 32 bytes 196. What was typed in a row has some 10.
 */
const MIN_BITS = 72;

/**
 * Whether a secret is one that nobody drew at random: a placeholder such as "change-me-…", the
 * alphabet, a row of the keyboard, a repeated word. A random secret may carry words
 * ("prod-secret-…"): what counts is whether enough is left without them.
 */
export function isPlaceholder(secret: string): boolean {
  const rest = secret
    .toLowerCase()
    .replace(WORDS, '')
    .replace(COLUMNS, '')
    .replace(/[-_.:\s]/g, '');
  const chosen = rest.split('').filter((_, index) => !isForeseeable(rest, index));
  return shannonBits(chosen) < MIN_BITS || repeatsItself(secret);
}

function repeatsItself(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period += 1) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}

/** Whether the character follows from those before it. */
function isForeseeable(text: string, index: number): boolean {
  const last = text.slice(Math.max(0, index - REPEATED + 1), index + 1);
  if (last.length === REPEATED && text.indexOf(last) <= index - REPEATED) return true;
  if (last.length >= 3 && WALKS.includes(last.slice(-3))) return true;
  return goesOn(text, index, 1) || goesOn(text, index, 2);
}

/** Whether it goes on as the two before it, of which each is `stride` further back: aaa, abc, 1a2b3c. */
function goesOn(text: string, index: number, stride: number): boolean {
  if (index < 2 * stride) return false;
  const step = text.charCodeAt(index) - text.charCodeAt(index - stride);
  const before = text.charCodeAt(index - stride) - text.charCodeAt(index - 2 * stride);
  return step === before && Math.abs(step) <= 1;
}

/** How many bits the characters tell, by how often each of them is among them. */
function shannonBits(characters: string[]): number {
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / characters.length);
  return bits;
}
