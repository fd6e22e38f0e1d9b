import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';
import { VisitorsConfig } from './visitors.config.js';

const inTest = {
  NODE_ENV: 'test',
  JWT_SECRET: 'Zk3vQ8xN1rT6yB9wL4mJ7pH2sD5fG0aC',
  PUBLIC_URL: 'https://example.com/go',
};
const NAMES = ['ROOT_REDIRECT_URL', 'NOT_FOUND_REDIRECT_URL', 'EXPIRED_REDIRECT_URL'] as const;

describe(VisitorsConfig.name, () => {
  it('leads nowhere, and lets no crawler follow links, unless the operator says otherwise', () => {
    expect(loadConfig(inTest).visitors).toEqual({ robots: 'disallow' });
  });

  it('keeps URLs as they can be sent in a header', () => {
    const { visitors } = loadConfig({
      ...inTest,
      NOT_FOUND_REDIRECT_URL: 'HTTPS://Bücher.example/ä b?q',
    });
    expect(visitors.notFoundRedirectUrl).toBe('https://xn--bcher-kva.example/%C3%A4%20b?q');
  });

  it.each([
    'www.example.com',
    '/home',
    'javascript:alert(1)',
    'mailto:a@example.com',
    'https://a:b@c.de',
  ])('refuses %s', (url) => {
    for (const name of NAMES) {
      expect(() => loadConfig({ ...inTest, [name]: url })).toThrow(`${name} must be an http`);
    }
  });

  it('refuses anything but allow and disallow for robots', () => {
    expect(() => loadConfig({ ...inTest, ROBOTS: 'none' })).toThrow('ROBOTS must be');
  });

  it.each([
    'https://example.com/go/lost',
    'http://example.com/go/lost?a',
    'https://EXAMPLE.com.:443/go//lost/',
    'https://example.com/go/lost.html',
  ])('sends nobody in circles by %s', (url) => {
    for (const name of NAMES) {
      expect(() => loadConfig({ ...inTest, [name]: url })).toThrow(`${name} must not lead`);
    }
  });

  it('may send those who are lost to the bare address, which leads elsewhere', () => {
    const url = 'https://example.com/go/';
    const [root, ...others] = NAMES;
    for (const name of others) expect(() => loadConfig({ ...inTest, [name]: url })).not.toThrow();
    expect(() => loadConfig({ ...inTest, [root]: url })).toThrow(`${root} must not lead`);
  });

  it.each([
    'https://example.com/',
    'https://example.com/404',
    'https://example.com/gopher',
    'https://example.com:8443/go/lost',
    'https://www.example.com/go/lost',
  ])('takes %s, which is not below PUBLIC_URL', (url) => {
    for (const name of NAMES) expect(() => loadConfig({ ...inTest, [name]: url })).not.toThrow();
  });

  it('knows the address that there is without PUBLIC_URL', () => {
    const { PUBLIC_URL: _, ...local } = inTest;
    const env = { ...local, PORT: '3000', ROOT_REDIRECT_URL: 'http://localhost:3000/x' };
    expect(() => loadConfig(env)).toThrow('ROOT_REDIRECT_URL must not lead');
  });
});
