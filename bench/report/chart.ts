import type { Cores } from '../cores.ts';
import type { Measurement } from '../measurement.ts';
import type { Results } from './results.types.ts';

const WIDTH = 820;
const LABELS = 290;
const VALUES = 150;
const ROW = 34;
const TOP = 64;
const BOTTOM = 44;

/** Bars of redirects per second, with whiskers from the slowest to the fastest round, as an SVG. */
export function chart({ about, burst }: Results, { server }: Cores): string {
  const title = `Redirects per second${server === undefined ? '' : ' on one core'}`;
  const codes = Math.max(...burst.map((measurement) => measurement.codes));
  const rows = burst.filter((measurement) => measurement.codes === codes);
  const height = TOP + rows.length * ROW + BOTTOM;
  const longest = Math.max(...rows.map(({ redirectsPerSecond }) => redirectsPerSecond.max));
  const scale = (WIDTH - LABELS - VALUES) / longest;
  const caption = `${about.machine}, Node.js ${about.node}; ${about.loadGenerator}, ${about.connections} connections; ${about.date}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>${title}</title>
<style>text { fill: #1f2937 } .ours { fill: #2563eb } .others { fill: #9ca3af } .note { fill: #6b7280; font-size: 11px } path { stroke: #1f2937; fill: none } @media (prefers-color-scheme: dark) { text { fill: #e5e7eb } .note { fill: #9ca3af } .others { fill: #6b7280 } path { stroke: #e5e7eb } }</style>
<text x="0" y="20" font-size="17" font-weight="600">${title}</text>
<text x="0" y="42" class="note">${codes.toLocaleString('en')} links at random; median of ${about.rounds} rounds in turns, whiskers from the slowest to the fastest</text>
${rows.map((row, index) => bar(row, TOP + index * ROW, scale)).join('\n')}
<text x="0" y="${height - 14}" class="note">${escape(caption)}</text>
</svg>
`;
}

function bar(
  { name, title, redirectsPerSecond, p99 }: Measurement,
  y: number,
  scale: number,
): string {
  const { median, min, max } = redirectsPerSecond;
  const x = (value: number): string => (LABELS + value * scale).toFixed(1);
  const middle = y + 12;
  const value = `${Math.round(median).toLocaleString('en')} · p99 ${p99.median.toFixed(1)} ms`;
  return [
    `<text x="${LABELS - 10}" y="${y + 16}" text-anchor="end">${escape(title)}</text>`,
    `<rect x="${LABELS}" y="${y}" width="${(median * scale).toFixed(1)}" height="24" rx="3" class="${name.startsWith('signpost') ? 'ours' : 'others'}"/>`,
    `<path d="M${x(min)} ${middle}H${x(max)}M${x(min)} ${middle - 4}v8M${x(max)} ${middle - 4}v8"/>`,
    `<text x="${(LABELS + max * scale + 8).toFixed(1)}" y="${y + 16}">${value}</text>`,
  ].join('');
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
