import { decodeCursor, encodeCursor } from '../../common/cursor.js';
import type { ClickPosition } from './reports.types.js';

const ID_LENGTH = 22;

/** Its form, for the OpenAPI document. */
export const POSITION_PATTERN = '^[A-Za-z0-9_-]{21}[AQgw][0-9a-z]{1,9}$';

/** A cursor that stands for "after this click": its id, and its time in base 36. */
export const encodePosition = ({ clickedAt, id }: ClickPosition): string =>
  `${encodeCursor(id)}${clickedAt.toString(36)}`;

/** @throws ProblemError invalid-request if the cursor was not made by `encodePosition`. */
export function decodePosition(cursor: string): ClickPosition {
  const time = cursor.slice(ID_LENGTH);
  // What is no time makes the id part wrong, so that one place refuses both.
  const isTime = /^[0-9a-z]{1,9}$/.test(time);
  const id = decodeCursor(isTime ? cursor.slice(0, ID_LENGTH) : '');
  return { clickedAt: Number.parseInt(time, 36), id };
}
