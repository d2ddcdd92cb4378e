import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pathFacts } from '../../../../src/analyze/javascript/outside/path-facts.js';
import { loadTaintModels } from '../../../../src/analyze/javascript/taint/taint-models.js';

const models = loadTaintModels(fileURLToPath(new URL('../../../../rules/taint', import.meta.url)));

describe('pathFacts', () => {
  it('finds a sink by its path, and by the library that a client is of', () => {
    expect(pathFacts(models, 'child_process.exec').sink?.sink).toBe('process.spawn');
    expect(pathFacts(models, 'axios.post').sink?.sink).toMatch(/^net\./);
    expect(pathFacts(models, 'Math.max').sink).toBeUndefined();
  });

  it('knows methods of unknown values by their names alone', () => {
    const then = pathFacts(models, '?.then').model;
    expect(then).toBeTypeOf('function');
    expect(pathFacts(models, '?.thenceforth').model).toBeUndefined();
  });

  it('answers the same path with the same facts', () => {
    expect(pathFacts(models, 'fs.readFileSync')).toBe(pathFacts(models, 'fs.readFileSync'));
  });
});
