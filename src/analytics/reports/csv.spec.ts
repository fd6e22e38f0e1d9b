import { describe, expect, it } from '@jest/globals';
import { csvLine } from './csv.js';

describe(csvLine, () => {
  it('separates cells with commas, and ends with CR LF', () => {
    expect(csvLine(['a', 1, -2, true, null, ''])).toBe('a,1,-2,true,,\r\n');
  });

  it('quotes what holds a comma, a quote or the end of a line', () => {
    expect(csvLine(['a,b', 'say "hi"', 'a\nb', 'a\rb'])).toBe(
      '"a,b","say ""hi""","a\nb","a\rb"\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('makes text of the formula %j', (formula) => {
    expect(csvLine([formula])).toBe(`'${formula}\r\n`);
  });

  it('makes text of a formula that must be quoted', () => {
    expect(csvLine(['=HYPERLINK("https://evil.example","x")', '\r=1'])).toBe(
      `"'=HYPERLINK(""https://evil.example"",""x"")","'\r=1"\r\n`,
    );
  });
});
