/**
 * The URL, or undefined if the text is none. Not by URL.canParse: once optimised, that of Node 20
 * takes Latin-1 for UTF-8 and refuses https://bücher.example/ after some thousand calls.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
