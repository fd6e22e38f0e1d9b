/** Words of secrets that were typed or copied instead of drawn at random. */
const WORDS =
  /change|replace|placeholder|example|insecure|default|password|secret|super|token|jwt|key|random|string|value|signpost|your|this|that|long|with|should|must|please|least|bytes|characters|development|staging|production|test|base64|openssl/g;

const MIN_OTHER_CHARACTERS = 16;
const MIN_DISTINCT_CHARACTERS = 8;

/**
 * Whether a secret is one that nobody drew at random: a placeholder such as "change-me-…", one
 * repeated character or a repeated word. A random secret may carry words ("prod-secret-…"): what
 * counts is whether enough is left without them.
 */
export function isPlaceholder(secret: string): boolean {
  const rest = secret
    .toLowerCase()
    .replace(WORDS, '')
    .replace(/[-_.:\s]/g, '');
  if (rest.length < MIN_OTHER_CHARACTERS) return true;
  return new Set(secret).size < MIN_DISTINCT_CHARACTERS || repeatsItself(secret);
}

function repeatsItself(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period += 1) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
