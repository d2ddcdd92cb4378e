import { describe, expect, test } from 'vitest';
import { follow } from '../sample.js';

const throughOf = (code: string): string[] =>
  follow(code)
    .observations.filter(({ sink }) => sink === 'code.eval' || sink === 'process.spawn')
    .flatMap(({ taints }) =>
      taints.filter(({ source }) => source === 'net.response').flatMap(({ through }) => through),
    );

const given = (pattern: string, by: string): string => `
  const { exec } = require('child_process');
  require('https').get('https://updates.example/', (res) => res.on('data', (d) => {
    exec(String(d).replace(${pattern}, ${by}));
  }));`;

describe('what is escaped for cmd', () => {
  test.each([
    ['/([()\\][%!^"`<>&|;, *?])/g', "'^$1'"],
    ['/[()%!^"`<>&|; ]/g', "'^$&'"],
  ])('%s by %s', (pattern, by) => {
    expect(throughOf(given(pattern, by))).toContain('cmd-escape');
  });

  test.each([
    ['only once', '/([()\\][%!^"`<>&|;, *?])/', "'^$1'"],
    ['without the pipe', '/([()\\][%!^"`<>&;, *?])/g', "'^$1'"],
    ['all but these', '/([^()\\][%!^"`<>&|;, *?])/g', "'^$1'"],
    ['nothing put before', '/([()\\][%!^"`<>&|;, *?])/g', "'$1'"],
  ])('not %s', (_, pattern, by) => {
    const through = throughOf(given(pattern, by));
    expect(through).not.toContain('cmd-escape');
  });
});
