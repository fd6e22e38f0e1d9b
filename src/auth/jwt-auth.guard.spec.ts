import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ACCESS_TOKEN } from './access-token.js';
import { accountsInMemory, fakeAuthConfig } from './accounts.fake.js';
import type { Session } from './auth.types.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { Public } from './public.decorator.js';

class Routes {
  closed(): void {}

  @Public()
  open(): void {}
}

@Public()
class OpenRoutes {
  any(): void {}
}

describe(JwtAuthGuard.name, () => {
  const guard = new JwtAuthGuard(new Reflector());
  let accounts: ReturnType<typeof accountsInMemory>;
  let session: Session;

  beforeEach(async () => {
    accounts = accountsInMemory();
    new JwtStrategy(fakeAuthConfig, accounts.auth);
    session = await accounts.auth.register({ email: 'ada@example.com', password: 'long enough' });
  });

  const enter = async (authorization?: string) => {
    const context = contextOf(Routes, Routes.prototype.closed, authorization);
    await guard.canActivate(context);
    return context.switchToHttp().getRequest<{ user: unknown }>().user;
  };
  const challengeOf = (authorization?: string) =>
    enter(authorization).then(
      () => 'let in',
      (error: { code: string; headers: Record<string, string> }) =>
        `${error.code}: ${error.headers['www-authenticate']}`,
    );
  const sign = (claims: object, options: object = {}) =>
    new JwtService({ secret: fakeAuthConfig.jwtSecret }).sign(claims, {
      ...ACCESS_TOKEN,
      expiresIn: 60,
      ...options,
    });

  it('lets the bearer of a valid token in, and names them', async () => {
    expect(await enter(`Bearer ${session.accessToken}`)).toEqual({
      id: session.user.id,
      email: 'ada@example.com',
      role: 'admin',
    });
  });

  it('lets everybody in where a route or its controller is public', () => {
    expect(guard.canActivate(contextOf(Routes, Routes.prototype.open))).toBe(true);
    expect(guard.canActivate(contextOf(OpenRoutes, OpenRoutes.prototype.any))).toBe(true);
  });

  it.each([undefined, '', 'Basic YWRhOmxvdmVsYWNl', 'nonsense'])(
    'asks for a token when there is none: %j',
    async (authorization) => {
      expect(await challengeOf(authorization)).toBe('unauthenticated: Bearer');
    },
  );

  it('refuses garbage and foreign tokens', async () => {
    const none = [
      { alg: 'none', typ: 'JWT' },
      { sub: session.user.id, exp: 9999999999 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const sub = session.user.id;
    const tokens = {
      garbage: 'a.b.c',
      'not a token': '{}',
      'alg none': `${none}.`,
      'another secret': sign({ sub }, { secret: 'x'.repeat(40) }),
      'another algorithm': sign({ sub }, { algorithm: 'HS512' }),
      'another issuer': sign({ sub }, { issuer: 'somebody' }),
      'another audience': sign({ sub }, { audience: 'something' }),
      'unknown user': sign({ sub: '00000000-0000-7000-8000-000000000000' }),
      tampered: session.accessToken.replace(/\.[^.]+$/, '.c2lnbmF0dXJl'),
    };
    for (const [name, token] of Object.entries(tokens)) {
      expect([name, await challengeOf(`Bearer ${token}`)]).toEqual([
        name,
        'unauthenticated: Bearer error="invalid_token"',
      ]);
    }
  });

  it('says so when the token has expired', async () => {
    const token = sign({ sub: session.user.id }, { expiresIn: -1 });
    await expect(enter(`Bearer ${token}`)).rejects.toMatchObject({
      code: 'unauthenticated',
      detail: 'The access token has expired. Refresh it.',
    });
  });

  it('refuses a user who was disabled after the token was made', async () => {
    accounts.users.rows[0]!.disabledAt = new Date();
    expect(await challengeOf(`Bearer ${session.accessToken}`)).toContain('invalid_token');
  });

  it('does not blame the token for a database that is down', async () => {
    const outage = new Error('connect ECONNREFUSED');
    jest.spyOn(accounts.auth, 'authenticate').mockRejectedValue(outage);
    await expect(enter(`Bearer ${session.accessToken}`)).rejects.toBe(outage);
  });
});

function contextOf(
  controller: object,
  handler: () => void,
  authorization?: string,
): ExecutionContext {
  const request = { headers: { authorization } };
  return {
    getClass: () => controller,
    getHandler: () => handler,
    switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
  } as unknown as ExecutionContext;
}
