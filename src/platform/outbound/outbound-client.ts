import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import { parseUrl } from '../../common/parse-url.js';
import { VERSION } from '../../common/version.js';
import { OutboundError } from './outbound.error.js';
import { isPublicAddress } from './public-address.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** Until the headers are there, and between two pieces of the body. */
const SILENCE_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 4_000;

export interface OutboundRequest {
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** How long all of it may take, to the last byte of the answer. */
  timeoutMs: number;
  /** How long the body of the answer may be. */
  maxBytes: number;
  signal?: AbortSignal;
}

export interface OutboundAnswer<Body> {
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  body: Body;
}

/** As dns.lookup() with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Sends requests to addresses that users give. It reaches public addresses only: a literal is looked at before
 * it is connected to, and a name is resolved once, by the lookup of the connection itself, which refuses it if
 * any of its addresses is not public; so what was looked at is what is connected to. Redirects are answers like
 * others, bodies are not decompressed, and time and size have bounds. All failures are OutboundErrors.
 */
export class OutboundClient implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(
    private readonly allowsPrivate: boolean,
    private readonly resolve: Resolve = lookup,
  ) {
    const checked: LookupFunction = (hostname, options, callback) => {
      this.addressesOf(hostname, options, (error, addresses) => {
        if (error) callback(error, []);
        else if (options.all) callback(null, addresses);
        else callback(null, addresses[0]!.address, addresses[0]!.family);
      });
    };
    const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: checked });
    this.agent = new Agent({
      headersTimeout: SILENCE_TIMEOUT_MS,
      bodyTimeout: SILENCE_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      connect: (options, callback) => {
        // Node connects to a literal without a lookup.
        if (isIP(options.hostname) !== 0 && !this.mayReach(options.hostname)) {
          callback(new OutboundError('private-address'), null);
        } else connect(options, callback);
      },
    });
  }

  /** Insists on a URL that could be requested now. Whether it can be later is seen again then. */
  async check(url: string): Promise<void> {
    const host = parsed(url).hostname.replace(/^\[|\]$/g, '');
    const tooLate = new AbortController();
    try {
      await Promise.race([
        // A literal resolves to itself.
        promisify(this.addressesOf.bind(this))(host, {}),
        sleep(CONNECT_TIMEOUT_MS, undefined, { signal: tooLate.signal, ref: false }).then(() => {
          throw new OutboundError('timeout');
        }),
      ]);
    } catch (error) {
      throw OutboundError.of(error);
    } finally {
      tooLate.abort();
    }
  }

  /** The answer with all of its body. */
  async request(url: string, options: OutboundRequest): Promise<OutboundAnswer<Buffer>> {
    const answer = await this.stream(url, options);
    const chunks: Buffer[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    return { ...answer, body: Buffer.concat(chunks) };
  }

  /**
   * The answer as soon as its headers are there. Whoever stops reading its body ends the
   * connection; one that nobody begins to read ends when the time is over.
   */
  async stream(
    url: string,
    { method = 'GET', headers, body, timeoutMs, maxBytes, signal }: OutboundRequest,
  ): Promise<OutboundAnswer<AsyncGenerator<Buffer>>> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(parsed(url), {
        dispatcher: this.agent,
        method,
        headers: {
          'user-agent': `Signpost/${VERSION}`,
          'accept-encoding': 'identity',
          ...headers,
        },
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      // Whoever does not read the body is not told that it broke off.
      answer.body.on('error', () => undefined);
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: bounded(answer.body, maxBytes),
      };
    } catch (error) {
      throw OutboundError.of(error);
    }
  }

  /** Ends all connections, after those who use them have stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private addressesOf(
    hostname: string,
    options: Omit<LookupAllOptions, 'all'>,
    callback: (error: Error | null, addresses: LookupAddress[]) => void,
  ): void {
    this.resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) callback(error, []);
      else if (addresses.every(({ address }) => this.mayReach(address))) callback(null, addresses);
      else callback(new OutboundError('private-address'), []);
    });
  }

  private mayReach(address: string): boolean {
    return this.allowsPrivate || isPublicAddress(address);
  }
}

function parsed(text: string): URL {
  const url = parseUrl(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new OutboundError('invalid-url');
  }
  // A dot at the end means the same name, which certificates do not have.
  url.hostname = url.hostname.replace(/\.+$/, '');
  return url;
}

async function* bounded(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let length = 0;
  try {
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes) throw new OutboundError('too-large');
      yield chunk;
    }
  } catch (error) {
    throw OutboundError.of(error);
  }
}
