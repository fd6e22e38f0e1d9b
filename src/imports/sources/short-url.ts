/** Host and code of a short URL, with or without its scheme; the code may contain slashes. */
export function partsOf(shortUrl: unknown): { domain: string | null; code: string | null } {
  if (typeof shortUrl !== 'string') return { domain: null, code: null };
  const [, domain, path = ''] =
    /^(?:https?:\/\/)?([^/?#\s]+)(?:\/([^?#]*))?/i.exec(shortUrl.trim()) ?? [];
  return { domain: domain ?? null, code: decoded(path) || null };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
