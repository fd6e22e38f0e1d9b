import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { IsDefined } from 'class-validator';
import {
  BaseUrl,
  Directory,
  HostName,
  IntegerFrom,
  NetworkList,
  OneOf,
  OriginList,
} from './expectations.js';
import { parseInteger, parseList, Setting } from './setting.decorator.js';

export class ServerConfig {
  @Setting('PORT', { description: 'Port to listen on.', default: 3000 })
  @IntegerFrom(0, 65_535, { groups: ['test'] })
  @IntegerFrom(1, 65_535, { groups: ['development', 'staging', 'production'] })
  readonly port: number;

  @Setting('HOST', {
    description:
      'Address to listen on; 0.0.0.0 is every IPv4 address of the machine, :: every one.',
    default: {
      development: '127.0.0.1',
      test: '127.0.0.1',
      staging: '0.0.0.0',
      production: '0.0.0.0',
    },
  })
  @HostName()
  readonly host: string;

  @Setting('PUBLIC_URL', {
    description: 'Where the world reaches this service: short links begin with it.',
    required: 'in production',
    derivedDefault: 'http://localhost:<PORT>',
    example: 'https://go.example.com',
    parse: (text) => (URL.canParse(text) ? new URL(text).href : text).replace(/\/+$/, ''),
  })
  @IsDefined({
    groups: ['production'],
    message: 'must be set in production, to the http or https URL that visitors use',
  })
  @BaseUrl()
  readonly publicUrl: string;

  @Setting('TRUSTED_PROXIES', {
    description:
      'Proxies whose X-Forwarded-* headers are believed. Everybody else is their own address.',
    default: [],
    example: '10.0.0.0/8,fd00::/8',
  })
  @NetworkList()
  readonly trustedProxies: string[];

  @Setting('CORS_ORIGINS', {
    description:
      'Origins of web pages that may call the API from browsers, separated by commas; by default none on another host.',
    default: [],
    example: 'https://admin.example.com,https://intranet.example.com:8443',
    parse: (text) => parseList(text).map(originOf),
  })
  @OriginList()
  readonly corsOrigins: string[];

  @Setting('BODY_LIMIT_BYTES', {
    description:
      'Larger request bodies are refused, but for batches of links (5 MB) and files of imports (50 MB).',
    unit: 'bytes',
    default: 65_536,
  })
  @IntegerFrom(1_024, 104_857_600)
  readonly bodyLimitBytes: number;

  @Setting('MAX_CONNECTIONS', {
    description: 'Most connections of clients to each process; further ones are closed at once.',
    unit: 'connections',
    default: 10_000,
  })
  @IntegerFrom(1, 1_000_000)
  readonly maxConnections: number;

  @Setting('MAX_CONNECTIONS_PER_ADDRESS', {
    description:
      'Most of them from one IPv4 address or IPv6 network (/64); for TRUSTED_PROXIES only MAX_CONNECTIONS holds.',
    unit: 'connections',
    default: 500,
  })
  @IntegerFrom(1, 1_000_000)
  readonly maxConnectionsPerAddress: number;

  @Setting('PLAIN_CONNECTIONS', {
    description:
      "Whether connections are answered before Node's HTTP while they ask for plain redirects only, which is half as fast again; off leaves all of HTTP to Node.",
    default: 'on',
  })
  @OneOf('on', 'off')
  readonly plainConnections: 'on' | 'off';

  @Setting('SHUTDOWN_GRACE_SECONDS', {
    description: 'Time to finish requests and store clicks after SIGTERM.',
    unit: 'seconds',
    default: 25,
  })
  @IntegerFrom(1, 3_600)
  readonly shutdownGraceSeconds: number;

  @Setting('SHUTDOWN_DELAY_SECONDS', {
    description:
      'Time to go on serving after SIGTERM while readiness already fails, for load balancers to notice; less than half of SHUTDOWN_GRACE_SECONDS.',
    unit: 'seconds',
    default: { development: 0, test: 0, staging: 2, production: 2 },
  })
  @IntegerFrom(0, 600)
  readonly shutdownDelaySeconds: number;

  @Setting('DATA_DIR', {
    description:
      'Directory of the clicks on their way to the database and of the embedded database.',
    default: './data',
    parse: (text) => resolve(text),
  })
  @Directory()
  readonly dataDir: string;

  @Setting('WORKERS', {
    description:
      'Processes that share the port; auto is one per core. More than 1 needs DATABASE_URL.',
    default: 1,
    parse: (text) => (text === 'auto' ? Math.min(availableParallelism(), 256) : parseInteger(text)),
  })
  @IntegerFrom(1, 256, { message: 'must be auto or an integer from 1 to 256' })
  readonly workers: number;
}

/** As browsers spell it: in lower case, without the port that goes without saying. */
function originOf(text: string): string {
  const isBare = /^https?:\/\/[^\s/?#@\\*]+$/i.test(text);
  return isBare && URL.canParse(text) ? new URL(text).origin : text;
}
