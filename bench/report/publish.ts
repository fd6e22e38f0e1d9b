import type { Measurement } from '../measurement.ts';
export function publish(results: { measurements: Measurement[] }, _about: object): void {
  console.table(
    results.measurements.map((m) => ({
      n: m.name,
      codes: m.codes,
      rps: Math.round(m.redirectsPerSecond.median),
      min: Math.round(m.redirectsPerSecond.min),
      max: Math.round(m.redirectsPerSecond.max),
      p50: m.p50.median,
      p99: m.p99.median,
      p999: m.p999.median,
      rss: Math.round((m.residentBytes ?? 0) / 1e6),
    })),
  );
}
