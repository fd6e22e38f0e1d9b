import { encodeClick } from '../../src/analytics/common/spool-format.js';

const SYSTEMS = [
  'Windows NT 10.0; Win64; x64',
  'Macintosh; Intel Mac OS X 10_15_7',
  'X11; Linux x86_64',
  'Linux; Android 15; Pixel 9',
];
const AGENTS = [
  ...Array.from(
    { length: 200 },
    (_, n) =>
      `Mozilla/5.0 (${SYSTEMS[n % 4]}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + (n >> 2)}.0.0.0 Safari/537.36`,
  ),
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
];
const REFERRERS = ['', '', 'https://www.google.com/', 'https://news.example/', 'https://t.co/a'];
const LANGUAGES = ['en-US,en;q=0.9', 'en-GB', 'de-DE,de;q=0.9', 'fr-FR', 'es', 'ja', 'pt-BR'];
const QUERIES = [
  '',
  '',
  '',
  'utm_source=mail&utm_medium=email&utm_campaign=spring',
  'utm_source=qr',
];

/** Makes up clicks of visitors from everywhere; a few links get most of them (Zipf, exponent 1). */
export class ClickMaker {
  constructor(
    private readonly linkIds: string[],
    private readonly random: () => number,
  ) {}

  /** One of the links, by their popularity. */
  pickLink(): string {
    const rank = Math.floor((this.linkIds.length + 1) ** this.random()) - 1;
    return this.linkIds[Math.min(rank, this.linkIds.length - 1)]!;
  }

  /** @param from @param to when they were made; Unix milliseconds */
  lines(count: number, from: number, to: number): string {
    return Array.from({ length: count }, (_, n) =>
      this.line(from + ((to - from) * n) / count),
    ).join('');
  }

  private line(time: number): string {
    const byte = () => Math.floor(this.random() * 223) + 1;
    return encodeClick({
      clickedAt: Math.floor(time),
      linkId: this.pickLink(),
      address: `${byte()}.${byte()}.${byte()}.${byte()}`,
      userAgent: this.pick(AGENTS),
      referrer: this.pick(REFERRERS),
      language: this.pick(LANGUAGES),
      query: this.pick(QUERIES),
      isPrefetch: false,
    });
  }

  private pick(items: string[]): string {
    return items[Math.floor(this.random() * items.length)]!;
  }
}
