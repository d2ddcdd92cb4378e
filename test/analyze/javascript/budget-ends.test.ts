import { describe, expect, it } from 'vitest';
import { defaultRulesFolder } from '../../../src/analyze/index.js';
import { DEFAULT_BUDGET, interpretPackage, loadTaintModels } from '../../../src/analyze/javascript/index.js';

const models = loadTaintModels(`${defaultRulesFolder()}/taint`);
const code = `
const { exec } = require('child_process');
const table = [${Array.from({ length: 40 }, (_, n) => `function f${n}(x) { let y = x; for (const z of y) y += z; return y; }`).join(',')}];
module.exports = (input) => { for (const f of table) input = f(input); exec('id ' + input); };
`;

describe('a budget that ends', () => {
  it.each([1, 5, 20, 60, 150, 400, 1000, 3000])('after %i steps is a fact, never an error', (steps) => {
    const result = interpretPackage(
      {
        files: new Map([['index.js', code]]),
        manifest: { name: 'x', version: '1.0.0', main: 'index.js' },
        entries: [{ phase: 'import', file: 'index.js', via: 'main' }],
        budget: { ...DEFAULT_BUDGET, steps },
      },
      models,
    );
    const ended = result.facts.some((fact) => fact.id === 'limit');
    expect(ended || result.observations.length > 0).toBe(true);
  });
});
