import { describe, expect, test } from 'vitest';
import { plantedSettings } from '../../../src/analyze/entry-points/planted-settings.js';
import { contextOf } from '../in-memory.js';

const seen = (files: Record<string, string>): string[] =>
  plantedSettings(contextOf(files)).facts.map(({ id, detail }) => `${id.replace('planted.setting-', '')}: ${detail}`);

describe('plantedSettings', () => {
  test('a strange registry, checks off, a program, by the syntax of each tool', () => {
    expect(seen({ '.npmrc': 'registry=https://r.test/\nstrict-ssl=false\nnode-options=--require ./a.js\n' })).toEqual([
      'registry: registry=https://r.test/',
      'insecure: strict-ssl=false',
      'program: node-options=--require ./a.js',
    ]);
    expect(seen({ '.yarnrc.yml': 'npmRegistryServer: "https://r.test"\nyarnPath: tools/y.js\n' })).toHaveLength(2);
    expect(seen({ '.yarnrc': 'registry "https://r.test"\nyarn-path "./y.js"\n' })).toHaveLength(2);
    expect(seen({ 'bunfig.toml': '[install]\nregistry = "https://r.test"\n' })).toHaveLength(1);
    expect(seen({ '.gitconfig': '[url "https://r.test/"]\n\tinsteadOf = https://f.test/\n' })).toHaveLength(1);
    expect(seen({ '.cargo/config.toml': '[build]\nrustc-wrapper = "./w.sh"\n' })).toHaveLength(1);
    expect(seen({ 'pip.conf': '[global]\nindex-url = https://r.test/simple\n' })).toHaveLength(1);
  });

  test('templates of such files count, too; their programs are read', () => {
    const files = { 'template/_npmrc': 'script-shell=./sh\n', 'template/sh': '#!/bin/sh\n' };
    expect(seen(files)).toHaveLength(1);
    expect(plantedSettings(contextOf(files)).tasks.map(({ path }) => path)).toEqual(['template/sh']);
  });

  test('what is loaded before tests is read, and no program that runs by itself', () => {
    const files = {
      'bunfig.toml': '[install]\nexact = true\n\n[test]\nroot = "./src"\npreload = ["./p.ts"]\n',
      'p.ts': '',
    };
    expect(seen(files)).toEqual([]);
    expect(plantedSettings(contextOf(files)).tasks.map(({ path }) => path)).toEqual(['p.ts']);
    expect(seen({ 'bunfig.toml': 'preload = ["./p.ts"]\n[test]\nroot = "./src"\n' })).toHaveLength(1);
    expect(seen({ 'bunfig.toml': '[test]\nroot = "."\n[run]\npreload = "./p.ts"\n' })).toHaveLength(1);
  });

  test('what everybody has is nothing', () => {
    expect(
      seen({
        '.npmrc': 'registry=https://registry.npmmirror.com\nsave-exact=true\n//r.test/:_authToken=x\n',
        '.yarnrc.yml': 'yarnPath: .yarn/releases/yarn-4.cjs\n',
        '.gitconfig': '[credential]\n\thelper = cache\n',
      }),
    ).toEqual([]);
  });
});
