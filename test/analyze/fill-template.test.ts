import { describe, expect, it } from 'vitest';
import { filledScript, nameOfTemplate } from '../../src/analyze/fill-template.js';

describe('templates', () => {
  it('get the name of the file that they become', () => {
    expect(nameOfTemplate('template/vite.config.js.tpl')).toBe('template/vite.config.js');
    expect(nameOfTemplate('_templates/new/index.ejs.t')).toBe('_templates/new/index');
    expect(nameOfTemplate('base/_eslintrc.js')).toBe('base/.eslintrc.js');
    expect(nameOfTemplate('base/dot-github/a.yml')).toBe('base/.github/a.yml');
  });

  it('are filled only where they are no JavaScript as they stand', () => {
    const jsx = 'const a = <p style={{ color }}>{"<%= x %>"}</p>;';
    expect(filledScript(jsx)).toBe(jsx);
    expect(filledScript('<% if (a) { %>call(<%= port %>);<% } %>')).toBe('call(filled);');
    expect(filledScript('{{#if ts}}type A = 1;{{/if}}\nexport class {{pascal name}} {}')).toBe(
      'type A = 1;\nexport class filled {}',
    );
    expect(filledScript('---\nto: src/a.js\n---\nrun(<%= name %>)')).toBe('run(filled)');
    expect(filledScript('# A heading')).toBeNull();
  });
});
