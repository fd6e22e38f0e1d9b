import Negotiator from 'negotiator';

/** No browser sends a longer Accept, and to weigh one takes time. */
const MAX_ACCEPT = 512;

/** Whether an Accept header wants this type rather than one of the others (RFC 9110 §12.5.1). */
export function prefersType(
  type: string,
  accept: string | undefined,
  others = ['application/json'],
): boolean {
  if (accept === undefined || accept.length > MAX_ACCEPT) return false;
  return new Negotiator({ headers: { accept } }).mediaType([...others, type]) === type;
}
