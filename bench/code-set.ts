import { writeFileSync } from 'node:fs';
import { customAlphabet } from 'nanoid';

const newCode = customAlphabet('23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', 7);

/** The links that every contender serves, also as a file of lines: code, tab, target URL. */
export class CodeSet {
  readonly codes: string[] = [];
  readonly urls: string[] = [];

  constructor(
    count: number,
    readonly file: string,
  ) {
    // By their small letters: nginx does not tell codes apart by the case.
    const known = new Map<string, string>();
    while (known.size < count) {
      const code = newCode();
      known.set(code.toLowerCase(), code);
    }
    for (const code of known.values()) {
      this.urls.push(
        `https://shop.example.com/products/${this.codes.length}?utm_source=newsletter`,
      );
      this.codes.push(code);
    }
    writeFileSync(file, this.codes.map((code, index) => `${code}\t${this.urls[index]}\n`).join(''));
  }
}
