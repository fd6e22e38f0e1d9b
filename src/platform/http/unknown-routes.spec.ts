import { describe, expect, it } from '@jest/globals';
import { RouteTable } from './unknown-routes.js';

describe(RouteTable.name, () => {
  const table = new RouteTable();
  table.add('/api/v1/links', 'POST');
  table.add('/api/v1/links', ['GET', 'HEAD']);
  table.add('/api/v1/links/:id', 'PATCH');
  table.add('/api/v1/links/batch', 'POST');
  table.add('/docs/*', 'GET');
  table.add('/:code', ['GET', 'HEAD']);
  table.add('/:code(a-z)', 'POST');
  table.add('/health', ['GET', 'HEAD']);

  it.each([
    ['/api/v1/links', ['GET', 'HEAD', 'POST']],
    ['/api/v1/links/7', ['PATCH']],
    ['/api/v1/links/batch', ['POST']],
    ['/docs/a/b.css', ['GET']],
    ['/Kx7mQ2p', ['GET', 'HEAD', 'POST']],
    ['/health', ['GET', 'HEAD']],
    ['/api/v1/links/', []],
    ['/api/v1/links/7/8', []],
    ['/api/v1', []],
    ['/', []],
  ])('knows the methods of %s', (path, methods) => {
    expect(table.methodsOf(path)).toEqual(methods);
  });
});
