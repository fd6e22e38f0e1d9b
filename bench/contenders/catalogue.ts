import {
  type Contender,
  SimpleServer,
  type Surroundings,
  UpdatePerClickServer,
} from './contender.ts';
import { hasNginx, Nginx } from './nginx.ts';
import { Signpost } from './signpost.ts';

/** Everybody who takes part, the limits first; nginx only where it is installed. */
export const allContenders = (around: Surroundings): Contender[] => [
  ...(hasNginx() ? [new Nginx(around)] : []),
  new SimpleServer('node-http', 'node:http, map', around),
  new SimpleServer('fastify', 'Fastify, map', around),
  new SimpleServer('nest', 'NestJS on Fastify, @Redirect, map', around),
  new UpdatePerClickServer('nest-typeorm', 'NestJS, TypeORM, one UPDATE per click', around),
  signpost(around, 'process'),
  signpost(around, 'disk'),
];

/** Those that count clicks in PostgreSQL, and the limit that they are compared with. */
export const contendersWithDatabase = (around: Surroundings): Contender[] =>
  allContenders(around).filter(({ name }) => !['nginx', 'node-http', 'nest'].includes(name));

/** Signpost in one process, and in two. */
export const signpostWorkers = (around: Surroundings): Contender[] =>
  [1, 2].map(
    (workers) =>
      new Signpost(`signpost-${workers}`, `Signpost, WORKERS=${workers}`, around, {
        WORKERS: String(workers),
      }),
  );

/** Signpost with clicks that survive the end of the process, or power loss too. */
export const signpost = (around: Surroundings, durability: 'process' | 'disk'): Signpost =>
  new Signpost(`signpost-${durability}`, `Signpost, durability ${durability}`, around, {
    CLICK_DURABILITY: durability,
  });
