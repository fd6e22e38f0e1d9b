/** What is asked of a server. */
export interface Load {
  /** Without a slash at its end. */
  url: string;
  /** The file of `CodeSet`. */
  codesFile: string;
  /** So many codes, from the beginning of the file. */
  codes: number;
  connections: number;
  seconds: number;
  /** Mean pause of a connection between two requests, in milliseconds; 0 is full speed. */
  thinkMs?: number;
  /** Asks for the codes in their order, beginning with this one, instead of at random. */
  inOrderFrom?: number;
}

/** What came of it. Latencies are in milliseconds. */
export interface LoadResult {
  answers: number;
  seconds: number;
  /** Answers other than 302 with the right Location. */
  wrong: number;
  /** Connections that failed, and requests that timed out. */
  failed: number;
  p50: number;
  p99: number;
  p999: number;
}

/** Puts a load on a server and checks every answer. */
export interface LoadGenerator {
  /** Name and version, for the reader of the results. */
  name: string;
  /** Whether it has a process of its own, which can be given a core of its own. */
  hasOwnProcess: boolean;
  run(load: Load): Promise<LoadResult>;
}

/** What a browser sends. */
export const BROWSER_HEADERS: Readonly<Record<string, string>> = {
  'User-Agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  Accept:
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7',
  Referer: 'https://news.example.com/2026/11/what-to-read-this-week',
  'Upgrade-Insecure-Requests': '1',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-User': '?1',
};
