import { describe, expect, it } from '@jest/globals';
import { readPlainRequest } from './plain-request.js';

const lines = (...headers: string[]): string =>
  ['GET /Kx7mQ2p?a=1 HTTP/1.1', 'Host: s.example', ...headers, '', ''].join('\r\n');
const read = (text: string): ReturnType<typeof readPlainRequest> =>
  readPlainRequest(Buffer.from(text, 'latin1'));

describe(readPlainRequest, () => {
  it('reads the URL and the headers that clicks are told by', () => {
    const browser = lines(
      'User-Agent:  Firefox \t',
      'Accept: text/html',
      'REFERER: https://example.com/\xfc\xa0',
      'accept-language:de',
      'Sec-Purpose: prefetch',
      'X-Purpose: preview',
      'X-Forwarded-For: 203.0.113.9, 198.51.100.7',
      'Cookie: a=b; c=d',
      'Connection: Keep-Alive',
      'Empty:',
    );
    expect(read(browser)).toEqual({
      url: '/Kx7mQ2p?a=1',
      headers: {
        host: 's.example',
        'user-agent': 'Firefox',
        referer: 'https://example.com/\xfc\xa0',
        'accept-language': 'de',
        'sec-purpose': 'prefetch',
        'x-purpose': 'preview',
        'x-forwarded-for': '203.0.113.9, 198.51.100.7',
      },
    });
    expect(read(lines('User-Agent: \t '))!.headers).toEqual({
      host: 's.example',
      'user-agent': '',
    });
  });

  it.each([
    ['another method', lines().replace('GET', 'HEAD')],
    ['a method in lower case', lines().replace('GET', 'get')],
    ['HTTP/1.0', lines().replace('1.1', '1.0')],
    ['an absolute URL', lines().replace(' /', ' http://s.example/')],
    ['a space in the URL', lines().replace('?', ' ')],
    ['a URL beyond ASCII', lines().replace('?', '\xfc')],
    ['no host', lines().replace('Host', 'Hosts')],
    ['two hosts', lines('host: other.example')],
    ['a header of ours twice', lines('User-Agent: a', 'user-agent: b')],
    ['a body', lines('Content-Length: 1') + 'x'],
    ['an announced body', lines('content-length: 0')],
    ['chunks', lines('Transfer-Encoding: chunked')],
    ['an upgrade', lines('Upgrade: websocket')],
    ['an expectation', lines('Expect: 100-continue')],
    ['the end of the connection', lines('Connection: close')],
    ['an upgraded connection', lines('Connection: keep-alive, upgrade')],
    ['a space before the colon', lines('User-Agent : a')],
    ['a folded line', lines('User-Agent: a', ' b')],
    ['a line without a colon', lines('User-Agent')],
    ['a header without a name', lines(': a')],
    ['a name beyond ASCII', lines('\xfc: a')],
    ['a zero byte', lines('A: \0')],
    ['a line feed in a value', lines('A: b\nContent-Length: 1')],
    ['a carriage return in a value', lines('A: b\rContent-Length: 1')],
    ['lines that end with a line feed', lines().replaceAll('\r\n', '\n')],
    ['an empty line before it', '\r\n' + lines()],
    ['the first half', lines().slice(0, -2)],
    ['a whole one and something behind it', lines() + 'G'],
    ['two of them', lines() + lines()],
    ['too long a one', lines(`A: ${'x'.repeat(8_192)}`)],
    ['nothing', ''],
  ])('leaves %s to Node', (_, text) => {
    expect(read(text)).toBeUndefined();
  });
});
