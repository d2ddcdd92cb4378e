import { createHash } from 'node:crypto';

/** Hash of the scripts that an approval stands for: the event names and their text, in a fixed order. `sha512-…` */
export function scriptHash(scripts: readonly { event: string; command: string }[]): string {
  const sorted = [...scripts]
    .sort((a, b) => (a.event < b.event ? -1 : a.event > b.event ? 1 : 0))
    .map(({ event, command }) => [event, command]);
  return `sha512-${createHash('sha512').update(JSON.stringify(sorted)).digest('base64')}`;
}
