import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainProofService } from '../../src/domains/domain-proof.service.js';

const RECORD = {
  type: 'TXT',
  name: '_signpost.go.brand.example',
  value: 'signpost-verification=5d41402abc4b2a76b9719d911017c592',
} as const;

const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** A DNS server that has one answer to everything: TXT records, each of one or more parts. */
class SmallDns {
  code = NO_ERROR;
  records: string[][] = [];
  readonly asked: string[] = [];
  private readonly socket: Socket = createSocket('udp4');

  async start(): Promise<string> {
    this.socket.on('message', (question, { address, port }) => {
      this.asked.push(nameIn(question));
      this.socket.send(this.answer(question), port, address);
    });
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    return `127.0.0.1:${this.socket.address().port}`;
  }

  stop(): void {
    this.socket.close();
  }

  /** RFC 1035, section 4. */
  private answer(question: Buffer): Buffer {
    const end = question.indexOf(0, 12) + 5;
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180 | this.code, 2);
    head.writeUInt16BE(this.records.length, 6);
    head.writeUInt16BE(0, 10);
    const answers = this.records.map((parts) => {
      const data = Buffer.concat(
        parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
      );
      // The name of the question, TXT, IN, a minute.
      const record = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0]);
      record.writeUInt16BE(data.length, 10);
      return Buffer.concat([record, data]);
    });
    return Buffer.concat([head, question.subarray(12, end), ...answers]);
  }
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question[at]! > 0; at += question[at]! + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question[at]!));
  }
  return labels.join('.');
}

class ProofByOneServer extends DomainProofService {
  constructor(server: string) {
    super();
    this.resolver.setServers([server]);
  }
}

describe(DomainProofService.name, () => {
  const dns = new SmallDns();
  let proof: DomainProofService;

  beforeAll(async () => {
    proof = new ProofByOneServer(await dns.start());
  });
  afterAll(() => dns.stop());
  beforeEach(() => {
    dns.code = NO_ERROR;
    dns.records = [];
  });

  const outcome = () =>
    proof.insist(RECORD).then(
      () => 'proved',
      ({ code, detail }: { code: string; detail: string }) => `${code}: ${detail}`,
    );

  it.each([
    ['alone', [[RECORD.value]]],
    ['in parts', [[RECORD.value.slice(0, 9), RECORD.value.slice(9)]]],
    ['with space around it', [[` ${RECORD.value} `]]],
    ['beside others', [['v=spf1 -all'], [RECORD.value], ['other=1']]],
  ])('takes the record %s', async (_, records) => {
    dns.records = records;
    expect(await outcome()).toBe('proved');
    expect(dns.asked.at(-1)).toBe(RECORD.name);
  });

  it.each([
    ['there is no record', NO_ERROR, []],
    ['there is no such name', NO_SUCH_NAME, []],
    ['there is that of another', NO_ERROR, [['signpost-verification=0']]],
    ['it is only a part of the record', NO_ERROR, [[`x ${RECORD.value}`]]],
    ['it is in another case', NO_ERROR, [[RECORD.value.toUpperCase()]]],
  ])('says what is missing when %s', async (_, code, records) => {
    dns.code = code;
    dns.records = records;
    expect(await outcome()).toMatch(
      /^domain-not-verified: The DNS has no TXT record _signpost\.go\.brand\.example with the value signpost-verification=5d4/,
    );
  });

  it('says that the DNS fails when it does', async () => {
    dns.code = SERVER_FAILURE;
    expect(await outcome()).toMatch(/^domain-not-verified: The DNS does not answer/);
  });
});
