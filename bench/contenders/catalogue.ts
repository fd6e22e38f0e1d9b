import {
  type Contender,
  SimpleServer,
  type Surroundings,
  UpdatePerClickServer,
} from './contender.ts';
import { Signpost } from './signpost.ts';

/** Everybody who takes part, the limits first. */
export const allContenders = (around: Surroundings): Contender[] => [
  new SimpleServer('node-http', 'node:http, map', around),
  new SimpleServer('fastify', 'Fastify, map', around),
  new SimpleServer('nest', 'NestJS on Fastify, @Redirect, map', around),
  new UpdatePerClickServer('nest-typeorm', 'NestJS, TypeORM, one UPDATE per click', around),
  signpost(around, 'process'),
  signpost(around, 'disk'),
];

/** Signpost with clicks that survive the end of the process, or power loss too. */
export const signpost = (around: Surroundings, durability: 'process' | 'disk'): Signpost =>
  new Signpost(`signpost-${durability}`, `Signpost, durability ${durability}`, around, {
    CLICK_DURABILITY: durability,
  });
