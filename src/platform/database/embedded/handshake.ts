import { timingSafeEqual } from 'node:crypto';
import type { ClientSession } from './client-session.js';
import { code, frame, int32, textAt } from './frames.js';

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const PROTOCOL_MAJOR = 3;

/** The beginning of a connection: version, and a password where one is wanted. */
export class Handshake {
  private isPasswordAsked = false;

  /** @param parameters the ParameterStatus messages that every client is told */
  constructor(
    private readonly session: ClientSession,
    private readonly parameters: Buffer,
    private readonly password: string | undefined,
  ) {}

  /** Takes one of the first messages; true once the session has begun. */
  take(message: Buffer): boolean {
    if (this.isPasswordAsked) return this.check(message);
    const version = message.readInt32BE(4);
    if (version === SSL_REQUEST || version === GSS_REQUEST) {
      this.session.send(Buffer.from('N'));
      return false;
    }
    if (version >> 16 !== PROTOCOL_MAJOR) {
      this.session.socket.end();
      return false;
    }
    this.session.reader.started();
    if (this.password === undefined) return this.welcome();
    this.isPasswordAsked = true;
    this.session.send(frame('R', int32(3)));
    return false;
  }

  private check(message: Buffer): boolean {
    const given = message[0] === code('p') ? textAt(message, 5).text : '';
    if (isSame(given, this.password!)) return this.welcome();
    this.session.dismiss('28P01', 'password authentication failed');
    return false;
  }

  private welcome(): true {
    const key = frame('K', int32(this.session.id), int32(0));
    this.session.send(frame('R', int32(0)), this.parameters, key, frame('Z', Buffer.from('I')));
    return true;
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
