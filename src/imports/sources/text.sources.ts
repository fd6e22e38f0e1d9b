import { decodeHTML } from 'entities';
import { trimmed } from '../../common/validation/text.rules.js';
import { linesOf } from './lines.js';
import type { RawRecord } from './raw-record.js';
import type { SourceReader } from './source-reader.js';

/** A URL a line, and its code behind a space; lines that begin with # are notes. */
export const urlList: SourceReader = {
  source: 'urls',
  kind: 'text',
  matches: ({ sample }) => {
    const first = sample
      .split(/\r?\n/)
      .map(trimmed)
      .find((line) => line !== '' && !line.startsWith('#'));
    return first !== undefined && /^[a-z][a-z0-9+.-]*:\S+(\s+[^\s,;]+)?$/i.test(first);
  },
  *records({ text }) {
    for (const { line, number } of linesOf(text)) {
      if (line.startsWith('#')) continue;
      const [url = '', code = null] = line.split(/\s+/, 2);
      yield { line: number, url, code };
    }
  },
};

/** Bookmarks as browsers and services for bookmarks export them (Netscape); a folder is a tag. */
export const bookmarks: SourceReader = {
  source: 'bookmarks',
  kind: 'html',
  matches: ({ kind }) => kind === 'html',
  *records({ text }) {
    const folders: string[] = [];
    /** The name of the folder whose list comes next. */
    let heading = '';
    let inside: { end: string; text: string; attributes: Map<string, string> } | undefined;
    for (const piece of htmlPieces(text)) {
      if (piece.name === undefined) {
        if (inside) inside.text += piece.text;
      } else if (piece.name === '/dl') folders.pop();
      else if (piece.name === 'dl') {
        folders.push(heading);
        heading = '';
      } else if (piece.name === 'a' || piece.name === 'h3') {
        inside = { end: `/${piece.name}`, text: '', attributes: piece.attributes };
      } else if (inside && piece.name === inside.end) {
        const title = trimmed(decodeHTML(inside.text));
        if (piece.name === '/h3') heading = title;
        else yield bookmark(title, inside.attributes, folders.at(-1));
        inside = undefined;
      }
    }
  },
};

function bookmark(title: string, attributes: Map<string, string>, folder = ''): RawRecord {
  const tags = (attributes.get('tags') ?? '').split(',');
  return {
    url: attributes.get('href'),
    code: attributes.get('shortcuturl'),
    title,
    tags: [...tags, folder],
    createdAt: attributes.get('add_date'),
  };
}

type Piece = { name: string; attributes: Map<string, string> } | { name: undefined; text: string };

const TAG_NAME = /[a-z/][a-z0-9]*/iy;
const ATTRIBUTE = /[\s/]*([^\s=>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/y;
/** Icons are in attributes, too. */
const KNOWN = new Set(['href', 'shortcuturl', 'tags', 'add_date']);

/**
 * Tags and the text between them, in one pass: no tree is made, in which a hostile file could nest
 * more than can be searched.
 */
function* htmlPieces(html: string): Generator<Piece> {
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    if (next !== at)
      yield { name: undefined, text: html.slice(at, next === -1 ? undefined : next) };
    if (next === -1) return;
    if (html.startsWith('<!--', next)) {
      const end = html.indexOf('-->', next);
      if (end === -1) return;
      at = end + 3;
      continue;
    }
    TAG_NAME.lastIndex = next + 1;
    const name = TAG_NAME.exec(html)?.[0].toLowerCase() ?? '';
    const attributes = new Map<string, string>();
    at = next + 1 + name.length;
    for (;;) {
      ATTRIBUTE.lastIndex = at;
      const found = ATTRIBUTE.exec(html);
      if (!found) break;
      at = ATTRIBUTE.lastIndex;
      const key = found[1]!.toLowerCase();
      const value = found[2] ?? found[3] ?? found[4] ?? '';
      if (KNOWN.has(key)) attributes.set(key, decodeHTML(value));
    }
    const end = html.indexOf('>', at);
    if (end === -1) return;
    at = end + 1;
    yield { name, attributes };
  }
}
