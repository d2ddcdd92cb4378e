import { describe, expect, it } from 'vitest';
import { configVariables, manifestField, withPackageVariables } from '../../src/analyze/npm-environment.js';

const manifest = { name: 'a', config: { 'x-y': 'one', steps: ['two', 'three'], deep: { z: 'four', n: 4 } } };

describe('what npm sets for scripts', () => {
  it('is found by the name of its variable', () => {
    expect(manifestField(manifest, 'config_x_y')).toBe('one');
    expect(manifestField(manifest, 'config_steps_1')).toBe('three');
    expect(manifestField(manifest, 'config_deep')).toBeUndefined();
  });

  it('is listed with its values', () => {
    expect(configVariables(manifest)).toEqual([
      ['npm_package_config_x_y', 'one'],
      ['npm_package_config_steps_0', 'two'],
      ['npm_package_config_steps_1', 'three'],
      ['npm_package_config_deep_z', 'four'],
    ]);
  });

  it.each([
    ["os.system(os.environ['npm_package_config_x_y'])", 'os.system("one")'],
    ['system(ENV.fetch("npm_package_config_x_y", ""))', 'system("one")'],
    ['iex $env:npm_package_config_deep_z', 'iex "four"'],
    ["os.getenv('npm_package_none')", "os.getenv('npm_package_none')"],
  ])('stands in the place of %s', (text, known) => {
    expect(withPackageVariables(text, manifest)).toBe(known);
  });
});
