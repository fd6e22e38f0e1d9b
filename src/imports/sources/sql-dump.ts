/** A row of an INSERT; `columns` are named by the statement, or by the CREATE TABLE before it. */
export interface SqlRow {
  table: string;
  columns?: string[];
  /** Numbers as text; undefined for what is no literal. */
  values: (string | null | undefined)[];
}

interface Token {
  kind: 'word' | 'name' | 'text' | 'sign' | 'end';
  text: string;
}

const ESCAPES: Record<string, string> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };
const SPACE = 0x20;
/** What comments begin with. */
const COMMENT = new Set(['/', '#', '-']);
const WORD = /[\p{L}\p{N}_$@.+-]+/uy;
/** First words of what is defined between columns. */
const NO_COLUMN = /^(primary|key|unique|constraint|index|fulltext|spatial|foreign|check|period)$/i;
/** More than any table has. */
const MAX_COLUMNS = 1000;

/** The rows that a dump of MySQL or MariaDB inserts, each character looked at once. */
export function* readSqlDump(text: string): Generator<SqlRow> {
  const tokens = new Tokenizer(text);
  const tables = new Map<string, string[]>();
  for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next()) {
    if (isWord(token, 'create')) readCreate(tokens, tables);
    else if (isWord(token, 'insert', 'replace')) yield* readInsert(tokens, tables);
    else if (token.text !== ';') tokens.skipStatement();
  }
}

/** Cuts the text into words, names in quotes, texts and signs; comments are nothing. */
class Tokenizer {
  private position = 0;
  private ahead: Token | undefined;

  constructor(private readonly source: string) {}

  next(): Token {
    const token = this.ahead ?? this.read();
    this.ahead = undefined;
    return token;
  }

  peek(): Token {
    this.ahead ??= this.read();
    return this.ahead;
  }

  skipStatement(): void {
    for (let token = this.next(); token.kind !== 'end'; token = this.next()) {
      if (token.kind === 'sign' && token.text === ';') return;
    }
  }

  private read(): Token {
    this.skipSpace();
    const char = this.source[this.position];
    if (char === undefined) return { kind: 'end', text: '' };
    if (char === '(' || char === ')' || char === ',') {
      this.position += 1;
      return { kind: 'sign', text: char };
    }
    if (char === "'" || char === '"') return { kind: 'text', text: this.quoted(char, true) };
    if (char === '`') return { kind: 'name', text: this.quoted(char, false) };
    WORD.lastIndex = this.position;
    const word = WORD.exec(this.source)?.[0];
    this.position += word?.length ?? 1;
    return word === undefined ? { kind: 'sign', text: char } : { kind: 'word', text: word };
  }

  private skipSpace(): void {
    for (;;) {
      while (this.source.charCodeAt(this.position) <= SPACE) this.position += 1;
      if (!COMMENT.has(this.source[this.position] ?? '')) return;
      const two = this.source.slice(this.position, this.position + 2);
      if (two === '/*') this.skipBehind('*/', this.position + 2);
      else if (two.startsWith('#') || two === '--') this.skipBehind('\n', this.position);
      else return;
    }
  }

  private skipBehind(end: string, from: number): void {
    const found = this.source.indexOf(end, from);
    this.position = found === -1 ? this.source.length : found + end.length;
  }

  /** A quote within is doubled, or stands behind a backslash where that means something. */
  private quoted(quote: string, hasEscapes: boolean): string {
    const parts: string[] = [];
    let start = this.position + 1;
    let at = start;
    for (; at < this.source.length; at += 1) {
      const char = this.source[at]!;
      if (char === quote) {
        if (this.source[at + 1] !== quote) break;
        parts.push(this.source.slice(start, at + 1));
      } else if (char === '\\' && hasEscapes) {
        const escaped = this.source[at + 1] ?? '';
        parts.push(this.source.slice(start, at), ESCAPES[escaped] ?? escaped);
      } else continue;
      at += 1;
      start = at + 1;
    }
    parts.push(this.source.slice(start, at));
    this.position = at + 1;
    return parts.join('');
  }
}

/** `CREATE TABLE [IF NOT EXISTS] name (column …, …)` tells the order of columns. */
function readCreate(tokens: Tokenizer, tables: Map<string, string[]>): void {
  if (!isWord(tokens.next(), 'table')) return tokens.skipStatement();
  while (isWord(tokens.peek(), 'if', 'not', 'exists')) tokens.next();
  const table = readName(tokens);
  const columns: string[] = [];
  if (tokens.peek().text === '(') {
    let depth = 0;
    let isFirst = false;
    for (let token = tokens.next(); ; token = tokens.next()) {
      if (token.kind === 'end') break;
      if (token.kind === 'sign') {
        if (token.text === '(') depth += 1;
        if (token.text === ')') depth -= 1;
        if (depth === 0) break;
        isFirst = depth === 1 && (token.text === '(' || token.text === ',');
        continue;
      }
      const isColumn = token.kind === 'name' || !NO_COLUMN.test(token.text);
      if (isFirst && isColumn && columns.length < MAX_COLUMNS)
        columns.push(token.text.toLowerCase());
      isFirst = false;
    }
    tables.set(table, columns);
  }
  tokens.skipStatement();
}

/** `INSERT [IGNORE] INTO name [(columns)] VALUES (…), (…);` */
function* readInsert(tokens: Tokenizer, tables: Map<string, string[]>): Generator<SqlRow> {
  while (isWord(tokens.peek(), 'low_priority', 'delayed', 'high_priority', 'ignore', 'into')) {
    tokens.next();
  }
  const table = readName(tokens);
  let columns = tables.get(table);
  if (tokens.peek().text === '(') {
    columns = readRow(tokens).map((name) => (name ?? '').toLowerCase());
  }
  // What is inserted from a query has no rows here.
  if (isWord(tokens.next(), 'values', 'value')) yield* readRows(tokens, table, columns);
  tokens.skipStatement();
}

function* readRows(
  tokens: Tokenizer,
  table: string,
  columns: string[] | undefined,
): Generator<SqlRow> {
  while (tokens.peek().kind === 'sign' && tokens.peek().text === '(') {
    yield { table, columns, values: readRow(tokens) };
    if (tokens.peek().text !== ',') break;
    tokens.next();
  }
}

/** The last part of a name: that of the database before it does not matter. */
function readName(tokens: Tokenizer): string {
  let name = tokens.next().text;
  while (tokens.peek().text === '.') {
    tokens.next();
    name = tokens.next().text;
  }
  return name.split('.').at(-1)!.toLowerCase();
}

/** What stands in parentheses, without those in it. */
function readRow(tokens: Tokenizer): SqlRow['values'] {
  const values: SqlRow['values'] = [];
  let value: string | null | undefined;
  let depth = 0;
  for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next()) {
    if (token.kind === 'sign') {
      if (token.text === '(') depth += 1;
      else if (token.text === ')') depth -= 1;
      else if (token.text === ',' && depth === 1) {
        if (values.length < MAX_COLUMNS) values.push(value);
        value = undefined;
      }
      if (depth === 0) break;
    } else if (depth === 1) value = literal(token, tokens);
  }
  values.push(value);
  return values;
}

function literal(token: Token, tokens: Tokenizer): string | null | undefined {
  if (token.kind !== 'word') return token.text;
  if (/^null$/i.test(token.text)) return null;
  if (/^0x([0-9a-f]{2})*$/i.test(token.text)) return fromHex(token.text.slice(2));
  // x'6162', and texts that say in which charset they are.
  if (tokens.peek().kind === 'text') {
    const { text } = tokens.next();
    return /^x$/i.test(token.text) ? fromHex(text) : text;
  }
  return token.text;
}

const fromHex = (digits: string): string => Buffer.from(digits, 'hex').toString();

const isWord = (token: Token, ...words: string[]): boolean =>
  token.kind === 'word' && words.includes(token.text.toLowerCase());
