import { complain } from './complain.ts';
import type { Surroundings } from './contenders/contender.ts';
import { Signpost } from './contenders/signpost.ts';
import { measureRound, type Round } from './isolation-round.ts';
import type { Load, LoadGenerator, LoadResult } from './load/load.types.ts';
import { SideWork } from './side-work.ts';
import type { Done } from './side-work.worker.ts';
import { spreadOf } from './statistics.ts';

const ROUNDS = 3;
/** Twice: after the first time clicks wait as long as they may, and full load is what can go on. */
const CALIBRATION_SECONDS = 10;
const CONNECTIONS = 128;
const MAX_LAG_SECONDS = 5;
/** What an answer takes itself, about. */
const ANSWER_MS = 1;
/** The p99 of redirects may be that much higher beside everything else. */
const MAX_FACTOR = 3;

/** What redirects notice of everything else that a server does. Latencies in milliseconds. */
export interface Isolation {
  /** Redirects a second at full load that can go on, as ingestion keeps up with it. */
  fullRate: number;
  /** Medians of the rounds; the rates are redirects a second. */
  quiet: { rate: number; p50: number; p99: number; p999: number };
  /** The first seconds beside everything else. */
  beginning: Isolation['quiet'];
  busy: Isolation['quiet'];
  /** What was done beside the redirects, from the beginning on: medians too. */
  done: Done & { seconds: number; ingestedClicks: number };
  /** Of each round: recorded, but not yet in the database, before and after the busy redirects. */
  waitingClicks: [number, number][];
  /** What is not as it should be. */
  complaint?: string;
}

/** The latency of redirects at half of full load, with nothing else to do and with everything. */
export async function measureIsolation(
  around: Surroundings,
  generator: LoadGenerator,
  seconds: number,
): Promise<Isolation> {
  const server = new Signpost('signpost-isolation', 'Signpost', around, {
    INGEST_MAX_LAG_SECONDS: String(MAX_LAG_SECONDS),
    // The one report that is asked for is counted anew each time, as one that nobody has made yet.
    // All rounds take longer than a token usually lives.
    ACCESS_TOKEN_TTL_SECONDS: '86400',
  });
  await server.start();
  try {
    const fullLoad: Load = {
      url: server.url,
      codesFile: around.codes.file,
      codes: around.codes.codes.length,
      connections: CONNECTIONS,
      seconds: CALIBRATION_SECONDS,
    };
    const work = await SideWork.prepare(server);
    await generator.run(fullLoad);
    const fullRate = rateOf(await generator.run(fullLoad));
    const halfLoad = { ...fullLoad, seconds, thinkMs: thinkTime(fullRate / 2) };
    const rounds: Round[] = [];
    while (rounds.length < ROUNDS) {
      rounds.push(await measureRound({ server, generator, work, fullLoad, halfLoad }));
    }
    return judged(summaryOf(rounds, fullRate));
  } finally {
    await server.stop();
  }
}

function summaryOf(rounds: Round[], fullRate: number): Isolation {
  const median = (of: (round: Round) => number): number => spreadOf(rounds.map(of)).median;
  const redirects = (of: (round: Round) => LoadResult): Isolation['quiet'] => ({
    rate: median((round) => rateOf(of(round))),
    p50: median((round) => of(round).p50),
    p99: median((round) => of(round).p99),
    p999: median((round) => of(round).p999),
  });
  return {
    fullRate,
    quiet: redirects(({ quiet }) => quiet),
    beginning: redirects(({ beginning }) => beginning),
    busy: redirects(({ busy }) => busy),
    done: {
      seconds: median(({ done }) => done.seconds),
      logins: median(({ done }) => done.logins),
      links: median(({ done }) => done.links),
      reports: median(({ done }) => done.reports),
      ingestedClicks: median(({ done }) => done.ingestedClicks),
    },
    waitingClicks: rounds.map(({ waitingClicks }) => waitingClicks),
  };
}

/** Complains if redirects notice too much. */
function judged(isolation: Isolation): Isolation {
  const { quiet, beginning, busy } = isolation;
  if (Math.max(beginning.p99, busy.p99) <= MAX_FACTOR * quiet.p99) return isolation;
  const complaint = complain(
    `The p99 of redirects is above ${MAX_FACTOR} times what it is with nothing else to do.`,
  );
  return { ...isolation, complaint };
}

/** How long a connection has to wait between two requests, for at least this rate over all of them. */
const thinkTime = (rate: number): number =>
  Math.max(1, Math.floor((CONNECTIONS / rate) * 1_000) - ANSWER_MS);

const rateOf = ({ answers, seconds }: LoadResult): number => answers / seconds;
