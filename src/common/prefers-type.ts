/** Whether an Accept header asks for this type rather than JSON; who asks for JSON first does not. */
export function prefersType(type: string, accept = ''): boolean {
  const types = accept
    .split(',')
    .filter((part) => !/;\s*q=0(\.0{0,3})?\s*$/i.test(part))
    .map((part) => part.split(';', 1)[0]!.trim().toLowerCase());
  const [wanted, json] = [types.indexOf(type), types.indexOf('application/json')];
  return wanted !== -1 && (json === -1 || wanted < json);
}
