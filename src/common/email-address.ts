import { domainToASCII, domainToUnicode } from 'node:url';
import { isEmail } from 'class-validator';

/** class-validator's own rule throws a URIError at lone surrogates. */
export const isEmailAddress = (value: unknown): boolean =>
  typeof value === 'string' && !/\p{Cs}/u.test(value) && isEmail(value);

/**
 * The address as accounts are told apart by it: in lower case and NFC, its domain as people read it.
 * bücher.example and xn--bcher-kva.example are one domain, and so are all its spellings.
 */
export function accountAddress(address: string): string {
  const { local, domain } = partsOf(address.normalize('NFC').toLowerCase());
  const ascii = domainToASCII(domain);
  return `${local}@${ascii === '' ? domain : domainToUnicode(ascii)}`.normalize('NFC');
}

/**
 * What the account of this address may have been stored as: as it is spelt here, and as it is told
 * apart now, with either form of its domain. Accounts from before were stored as they were spelt.
 */
export function knownAddresses(address: string): string[] {
  const account = accountAddress(address);
  const { local, domain } = partsOf(account);
  const ascii = `${local}@${domainToASCII(domain) || domain}`;
  const forms = [account, ascii].flatMap((form) => [form, form.normalize('NFD')]);
  return [...new Set([address.toLowerCase(), ...forms])];
}

function partsOf(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, at), domain: address.slice(at + 1) };
}
