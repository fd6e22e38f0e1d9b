import { ProblemError } from '../common/problem/problem.error.js';
import type { DomainRecord } from './domains.types.js';

export const domainNotFound = (): ProblemError =>
  new ProblemError('not-found', { detail: 'The workspace has no such domain.' });

export const domainChanged = (): ProblemError =>
  new ProblemError('precondition-failed', {
    detail: 'The domain has changed since you read it. Read it again and repeat your change.',
  });

export const tooManyDomains = (limit: number): ProblemError =>
  new ProblemError('domain-limit-reached', {
    detail: `A workspace has at most ${limit} domains. Delete one that it does not need.`,
  });

export const domainAddedBefore = (host: string): ProblemError =>
  new ProblemError('domain-taken', {
    detail: `The workspace has the domain ${host} already.`,
    errors: [{ pointer: '/host', code: 'taken', detail: 'is a domain of the workspace already' }],
  });

export const domainOfAnother = (host: string): ProblemError =>
  new ProblemError('domain-taken', {
    detail: `Another workspace has proved that ${host} is theirs. It has to delete the domain first.`,
  });

export const domainInUse = (host: string): ProblemError =>
  new ProblemError('domain-in-use', {
    detail: `There are links on ${host}. Delete them first: their codes stay taken on this host.`,
  });

export const recordMissing = ({ name, value }: DomainRecord, found: number): ProblemError =>
  new ProblemError('domain-not-verified', {
    detail:
      `The DNS has no TXT record ${name} with the value ${value}` +
      `${found > 0 ? `, but ${found} other values` : ''}. ` +
      'A new record may take minutes, or as long as an older answer may be kept, to be seen.',
  });

export const dnsUnavailable = ({ name }: DomainRecord, cause: unknown): ProblemError =>
  new ProblemError('domain-not-verified', {
    detail: `The DNS does not answer for ${name} right now. Try again in a minute.`,
    cause,
  });
