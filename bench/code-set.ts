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
    const known = new Set<string>();
    while (known.size < count) known.add(newCode());
    for (const code of known) {
      this.urls.push(
        `https://shop.example.com/products/${this.codes.length}?utm_source=newsletter`,
      );
      this.codes.push(code);
    }
    writeFileSync(file, this.codes.map((code, index) => `${code}\t${this.urls[index]}\n`).join(''));
  }
}
