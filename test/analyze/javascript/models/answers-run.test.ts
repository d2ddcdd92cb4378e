import { expect, test } from 'vitest';
import { flows, follow } from '../sample.js';

const run = (body: string) =>
  follow(`exports.run = async () => { const text = await (await fetch('https://cdn.example/x')).text(); ${body} };`);

test('the text of an answer that a timer gets is code', () => {
  expect(flows(run('setTimeout(text, 10);'), 'net.response', 'code.eval')).toBeDefined();
});

test('what else a timer gets is a function', () => {
  expect(
    flows(
      run('const next = await new Promise((go) => go(() => text)); setTimeout(next, 10);'),
      'net.response',
      'code.eval',
    ),
  ).toBeUndefined();
  expect(flows(follow('exports.later = (run) => setTimeout(run, 10);'), 'param', 'code.eval')).toBeUndefined();
});

test('an attribute for an event that an answer fills is code of the page', () => {
  expect(flows(run("document.body.setAttribute('onclick', text);"), 'net.response', 'dom.code')).toBeDefined();
  expect(flows(run("document.body.setAttribute('title', text);"), 'net.response', 'dom.code')).toBeUndefined();
});
