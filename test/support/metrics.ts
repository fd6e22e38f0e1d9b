/** The value of a metric on /metrics, given with its labels if it has any. */
export async function metric(baseUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${baseUrl}/metrics`)).text();
  const value = new RegExp(`^${escaped(name)} (.+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`there is no metric ${name}:\n${text}`);
  return Number(value);
}

const escaped = (text: string): string => text.replaceAll(/[{}]/g, String.raw`\$&`);
