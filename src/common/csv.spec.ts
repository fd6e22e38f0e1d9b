import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { csvLine, recoverable, withoutGuards } from './csv.js';

describe(csvLine, () => {
  it('separates cells with commas, and ends with CR LF', () => {
    expect(csvLine(['a', 1, -2, true, null, ''])).toBe('a,1,-2,true,,\r\n');
  });

  it('quotes what holds a comma, a quote, the end of a line, or what some split cells at', () => {
    expect(csvLine(['a,b', 'say "hi"', 'a\nb', 'a\rb', 'a;b', 'a\tb'])).toBe(
      '"a,b","say ""hi""","a\nb","a\rb","a;b","a\tb"\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\uFF1D1+1', '\uFF0B1', '\uFF0D1', '\uFF20SUM(A1)'])(
    'makes text of the formula %j',
    (formula) => expect(csvLine([formula])).toBe(`'${formula}\r\n`),
  );

  it('makes text of a formula that must be quoted', () => {
    expect(csvLine(['=HYPERLINK("https://evil.example","x")', '\r=1', '\n=1', '\tx'])).toBe(
      `"'=HYPERLINK(""https://evil.example"",""x"")","'\r=1","'\n=1","'\tx"\r\n`,
    );
  });

  it('makes text of a formula that begins where some spreadsheets split the cell', () => {
    expect(csvLine(['id', 'a;=1+1;b', 'a\t@x', 'a;"=1+1;b'])).toBe(
      `id,"a;'=1+1;b","a\t'@x","a;'""=1+1;b"\r\n`,
    );
  });

  it('leaves signs elsewhere, and numbers, as they are', () => {
    expect(csvLine(['a=b', 'utm-1', 'a;b=1', 'a@b.example', -1, -0.5])).toBe(
      'a=b,utm-1,"a;b=1",a@b.example,-1,-0.5\r\n',
    );
  });
});

describe(recoverable, () => {
  it('makes cells that can be read again as they were, whatever they begin with', () => {
    const signs = ['', '=', '+', '-', '@', "'", '"', ';', '\t', '\n', 'a', ',', '\uFF1D'];
    for (const a of signs) {
      for (const b of signs) {
        for (const c of signs) {
          for (const d of signs) {
            const text = `${a}${b}${c}${d}`;
            const [[cell]] = parse(csvLine([recoverable(text), 'x'])) as [[string]];
            if (withoutGuards(cell) !== text) throw new Error(`not ${JSON.stringify(text)}`);
            expect(cell).not.toMatch(/^[=+\-@]/);
          }
        }
      }
    }
  });
});
