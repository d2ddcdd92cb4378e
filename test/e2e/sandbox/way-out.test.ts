import { afterEach, describe, expect, it } from 'vitest';
import type { Action } from '../../../src/model.js';
import { type Box, openBox } from './box.js';

let box: Box;
afterEach(() => box.close());

const GET = 'curl -sS --noproxy ""';

describe('the way out, from inside', () => {
  it('serves clients that ask a proxy: by whole URL, CONNECT, SOCKS5, and no other host', async () => {
    box = await openBox();
    const ways = ['-x http://127.0.0.1:3128', '-p -x http://127.0.0.1:3128', '-x socks5h://127.0.0.1:1080'];
    for (const way of ways) {
      const run = await box.run(`${GET} ${way} "$npm_config_registry"subject; echo " $?"`);
      expect(run.output, way).toBe('{"name":"subject","versions":{}} 0\n');
      const other = await box.run(`${GET} ${way} https://collect.example/ 2>&1; echo "ended $?"`);
      expect(other.output, way).not.toContain('ended 0');
      expect(other.output, way).not.toContain('<');
    }
    expect(box.requests).toEqual(ways.map(() => 'GET /subject'));
    expect(box.events.some(({ target, action }) => target.includes('collect.example') && action === 'denied')).toBe(
      true,
    );
  });

  it.each(['allow', 'review', 'block'] as const)(
    'hands a tarball on only when the scanner allows it: %s',
    async (action) => {
      const scanned: string[] = [];
      box = await openBox({
        scanTarball: async (tarball, url): Promise<Action> => {
          scanned.push(`${Buffer.from(tarball).toString().slice(0, 8)} ${new URL(url).pathname}`);
          return action;
        },
      });
      const path = 'other/-/other-1.0.0.tgz';
      const run = await box.run(`${GET} "$npm_config_registry"${path} -o got; echo "ended $?"; wc -c < got`);
      expect(scanned).toEqual([`{"name": /${path}`]);
      if (action === 'allow') expect(run.output).toMatch(/^ended 0\n3\d\n$/);
      else expect(run.output).not.toMatch(/ended 0|^[1-9]\d*$/m);
    },
  );
});
