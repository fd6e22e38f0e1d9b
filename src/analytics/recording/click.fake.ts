import type { ClickRecord } from '../common/spool-format.js';

/** A click as it is recorded; tests change what they are about. */
export const aClick: ClickRecord = {
  clickedAt: 1_795_000_000_000,
  linkId: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  address: '203.0.113.9',
  userAgent: 'Firefox',
  referrer: '',
  language: '',
  query: '',
  isPrefetch: false,
};
