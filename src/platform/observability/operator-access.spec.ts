import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, type EnvironmentName } from '../../../config/setting.decorator.js';
import { OperatorAccess } from './operator-access.js';

const METRICS_TOKEN = 'f1c2a7d09b3e4856';
const access = (name: EnvironmentName, metricsToken?: string) =>
  new OperatorAccess({ metricsToken, docs: 'on' }, { name });

describe(OperatorAccess.name, () => {
  it('lets everybody see it in development and test only, while there is no token', () => {
    const open = ENVIRONMENTS.filter((name) => access(name).admits(undefined));
    expect(open).toEqual(['development', 'test']);
  });

  it.each(ENVIRONMENTS)('asks for the token in %s once there is one', (name) => {
    const admits = (header?: string) => access(name, METRICS_TOKEN).admits(header);
    expect(admits(`Bearer ${METRICS_TOKEN}`)).toBe(true);
    expect(admits(`bearer  ${METRICS_TOKEN} `)).toBe(true);
    const wrong = [undefined, '', 'Bearer', METRICS_TOKEN, `Basic ${METRICS_TOKEN}`];
    const similar = [`Bearer ${METRICS_TOKEN}0`, `Bearer ${METRICS_TOKEN.slice(1)}`];
    expect([...wrong, ...similar].map(admits)).not.toContain(true);
  });
});
