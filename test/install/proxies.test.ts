import { expect, test } from 'vitest';
import { proxiesOf } from '../../src/install/proxies.js';

const env = { HTTPS_PROXY: 'http://env-tls:1', http_proxy: 'http://env-plain:2', NO_PROXY: 'a.example,b.example' };

test('the environment names the proxies where npm’s configuration does not', () => {
  expect(proxiesOf({ httpsProxy: null, proxy: null, noProxy: [''] }, env)).toEqual({
    httpsProxy: 'http://env-tls:1',
    httpProxy: 'http://env-tls:1',
    noProxy: 'a.example,b.example',
  });
  expect(proxiesOf({}, { http_proxy: 'http://env-plain:2' })).toEqual({ httpProxy: 'http://env-plain:2' });
  expect(proxiesOf({}, { https_proxy: '' })).toEqual({});
});

test('npm’s configuration goes before the environment', () => {
  expect(proxiesOf({ httpsProxy: 'http://own:3', noProxy: ['c.example', 'd.example'] }, env)).toEqual({
    httpsProxy: 'http://own:3',
    httpProxy: 'http://own:3',
    noProxy: 'c.example,d.example',
  });
  expect(proxiesOf({ proxy: 'http://plain:4' }, env).httpsProxy).toBe('http://plain:4');
});
