import { page } from '../page.js';
import type { ProblemError } from './problem.error.js';
import type { ProblemCode } from './problems.js';

const CHECK = 'Please check the address for typing errors, or ask whoever gave it to you.';

const TEXTS: Partial<Record<ProblemCode, { title: string; text: string }>> = {
  'link-not-found': { title: 'This short link does not exist', text: CHECK },
  'not-found': { title: 'This short link does not exist', text: CHECK },
  'invalid-request': { title: 'This is not a valid address', text: CHECK },
  'uri-too-long': { title: 'This address is too long', text: CHECK },
  'quota-exceeded': {
    title: 'Too many addresses that do not exist',
    text: 'From your network many short links were tried that do not exist. Please wait a minute.',
  },
  'link-gone': {
    title: 'This short link is no longer available',
    text: 'It has expired, was removed, or has been used as often as it may be.',
  },
  'link-switched-off': {
    title: 'This short link is switched off',
    text: 'Whoever it belongs to has switched it off, and may switch it on again.',
  },
  'link-disabled': {
    title: 'This short link was disabled',
    text: 'It was taken down by those who run this service.',
  },
  'link-blocked': {
    title: 'This short link leads to a blocked site',
    text: 'Those who run this service do not send anybody there.',
  },
  'database-unavailable': {
    title: 'This short link cannot be opened right now',
    text: 'Please try again in a few seconds.',
  },
};

/** What a person sees instead of a problem: nothing of the request, and nothing of what went wrong. */
export function problemPage({ code, title }: ProblemError): string {
  const words = TEXTS[code];
  return page(words?.title ?? title, words?.text ?? 'Please go back, and try another way.');
}
