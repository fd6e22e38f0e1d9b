import { spawnSync } from 'node:child_process';

/**
 * npm run test:fault -- [--runs 50] [arguments for Jest]
 * Faults that come at random moments come that often, and outages are as many times longer.
 */
const given = process.argv.slice(2);
const at = given.indexOf('--runs');
const [, runs = '2'] = at === -1 ? [] : given.splice(at, 2);
if (!/^[1-9]\d{0,4}$/.test(runs)) {
  process.stderr.write('--runs must be a number from 1 to 99999\n');
  process.exit(1);
}
// Last, since it takes all names behind it for projects.
const jest = ['node_modules/jest/bin/jest.js', ...given, '--selectProjects', 'fault'];
const node = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
const { status } = spawnSync(process.execPath, [...node, ...jest], {
  stdio: 'inherit',
  env: { ...process.env, FAULT_RUNS: runs },
});
process.exit(status ?? 1);
