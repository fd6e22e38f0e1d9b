import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { messageSocket, WholeMessages } from './whole-messages.js';

/** As PostgreSQL sends it: a code, the length without the code, and so many bytes of content. */
function message(code: string, size: number): Buffer {
  const bytes = Buffer.alloc(5 + size, code.toLowerCase());
  bytes.write(code);
  bytes.writeUInt32BE(4 + size, 1);
  return bytes;
}

/** Sends the bytes in parts of some sizes, each as large as there is room at most. */
function receive(messages: WholeMessages, sent: Buffer, sizes: number[]): Buffer[] {
  const received: Buffer[] = [];
  let offset = 0;
  for (let part = 0; offset < sent.length; part += 1) {
    const { room } = messages;
    const size = Math.min(sizes[part % sizes.length]!, room.length, sent.length - offset);
    sent.copy(room, 0, offset, (offset += size));
    messages.add(size, (whole) => received.push(Buffer.from(whole)));
  }
  return received;
}

/** Whether they end where a message ends. */
function isWhole(bytes: Buffer): boolean {
  let offset = 0;
  while (offset < bytes.length) offset += 1 + bytes.readUInt32BE(offset + 1);
  return offset === bytes.length;
}

describe(WholeMessages.name, () => {
  const sent = Buffer.concat(
    [0, 3, 70_000, 1, 300_000, 0, 12, 2_000_000, 64 * 1024, 5].map((size, index) =>
      message(String.fromCodePoint(65 + index), size),
    ),
  );

  it.each([
    ['in one go', [Infinity]],
    ['byte by byte', [1]],
    ['in parts that end within headers', [4, 1, 7, 65_537]],
    ['in parts as they come from a socket', [65_536, 8_192]],
  ])('hands over everything, in whole messages, that comes %s', (_, sizes) => {
    const received = receive(new WholeMessages(), sent, sizes);
    expect(received.every(isWhole)).toBe(true);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  it('hands over at once what is complete, and keeps what is not', () => {
    const messages = new WholeMessages();
    const [first, second] = [message('A', 10), message('B', 10)];
    const begun = Buffer.concat([first, second.subarray(0, 12)]);
    expect(receive(messages, begun, [Infinity])).toEqual([first]);
    expect(receive(messages, second.subarray(12), [Infinity])).toEqual([second]);
  });

  it('uses its memory again', () => {
    const messages = new WholeMessages();
    receive(messages, message('A', 1_000_000), [65_536]);
    const { buffer } = messages.room;
    receive(messages, message('B', 1_000_000), [65_536]);
    receive(messages, message('C', 10), [65_536]);
    expect(messages.room.buffer).toBe(buffer);
  });

  it('gives back what a very large message has taken', () => {
    const messages = new WholeMessages();
    receive(messages, message('A', 20_000_000), [65_536]);
    expect(messages.room.length).toBeLessThan(1_000_000);
  });
});

describe(messageSocket, () => {
  /** What the socket says when it hears this from a server. */
  async function hear(socket: Socket, answer: Buffer | string): Promise<Buffer> {
    const server = createServer((client) => client.end(answer)).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
      const parts: Buffer[] = [];
      socket.on('data', (data: Buffer) => parts.push(Buffer.from(data)));
      await once(socket, 'close');
      return Buffer.concat(parts);
    } finally {
      server.close();
    }
  }

  it('says whole messages only', async () => {
    const answer = Buffer.concat([message('A', 200_000), message('B', 10).subarray(0, 12)]);
    const heard = await hear(messageSocket(), answer);
    expect(heard.equals(answer.subarray(0, 200_005))).toBe(true);
  });

  it('says everything that the answer to a request for TLS may be', async () => {
    expect(await hear(messageSocket({ ssl: true }), 'S')).toEqual(Buffer.from('S'));
  });
});
