import { describe, expect, it } from '@jest/globals';
import { SecretBox } from './secret-box.js';

describe(SecretBox.name, () => {
  const box = new SecretBox('tests', 'a secret');

  it('opens what it has sealed, for whom it was sealed', () => {
    const sealed = box.seal('ada', 'whsec_x');
    expect(sealed.includes('whsec_x')).toBe(false);
    expect(box.open('ada', sealed)).toBe('whsec_x');
    expect(box.open('bob', sealed)).toBeUndefined();
    expect(new SecretBox('others', 'a secret').open('ada', sealed)).toBeUndefined();
  });

  it('opens nothing that was altered or cut', () => {
    const sealed = box.seal('ada', 'whsec_x');
    sealed[sealed.length - 1]! ^= 1;
    expect(box.open('ada', sealed)).toBeUndefined();
    expect(box.open('ada', sealed.subarray(0, 20))).toBeUndefined();
  });

  it('opens what a previous secret has sealed, and knows that it has to be sealed again', () => {
    const sealed = box.seal('ada', 'whsec_x');
    const next = new SecretBox('tests', 'another secret', ['a secret']);
    expect(next.open('ada', sealed)).toBe('whsec_x');
    expect(next.isOutdated('ada', sealed)).toBe(true);
    expect(next.isOutdated('ada', next.seal('ada', 'whsec_x'))).toBe(false);
  });
});
