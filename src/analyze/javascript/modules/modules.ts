import { posix } from 'node:path';
import type * as t from '@babel/types';
import { isAssetMagic, magicOf } from '../../entry-points/magic.js';
import { evaluate } from '../interpreter/expressions.js';
import { type Frame, type Interpreter, Thrown, topFrame } from '../interpreter/interpreter.js';
import { fromJson } from '../interpreter/json-value.js';
import { getProperty } from '../interpreter/properties.js';
import { Scope } from '../interpreter/scope.js';
import { hoistInto, runBody } from '../interpreter/statements.js';
import { Api, HOLE, join, Native, Obj, prim, UNDEFINED, unknown, type Value } from '../interpreter/value.js';
import { parseComponent } from '../parsing/component-file.js';
import { obfuscationOf } from '../parsing/obfuscation.js';
import { type Parsed, type ParseFailure, parseText } from '../parsing/parse.js';
import { insensitivePass } from '../reach/insensitive.js';
import { parseLazily } from '../reach/lazy-bodies.js';
import { bundledModules, narrowed } from '../reach/narrow.js';
import type { TaintModels } from '../taint/taint-models.js';
import { type FileReading, FileReadings } from './file-readings.js';
import { declaredNames, exportTarget, nameOf } from './module-map.js';
import { markOpaqueData } from './opaque-data.js';
import { isAbsolute, ownPath, packageRoot } from './paths.js';

/** The bytes of a package by path. */
export type PackageText = ReadonlyMap<string, Uint8Array | string>;

/** One loaded file of the package. */
export interface LoadedModule {
  path: string;
  /** The `module` object; its `exports` is what others get. */
  module: Obj;
  scope: Scope;
  esm: boolean;
  done: boolean;
}

const EXTENSIONS = ['', '.js', '.cjs', '.mjs', '.json', '.node', '.ts', '.cts', '.mts', '.tsx', '.jsx'];

/** Finds, parses and runs the files of one package; shared by all phases, modules are per run. */
export class ModuleLoader {
  readonly files: PackageText;
  readonly manifest: Record<string, unknown>;
  readonly models: TaintModels;
  readonly name: string;
  readonly root: string;
  readonly parsed = new Map<string, Parsed | ParseFailure>();
  /** Texts that do not stand in the package: decoded code, by virtual name. */
  readonly virtual = new Map<string, string>();
  private readonly excerpts = new WeakMap<t.Node, string>();
  private readonly virtualNames = new Map<string, string>();
  private readonly parsedVirtual = new Map<string, Parsed>();
  private readonly modules = new WeakMap<Interpreter, Map<string, LoadedModule>>();
  private readonly shared: FileReadings;
  private readonly readings = new Map<string, FileReading>();

  constructor(
    files: PackageText,
    manifest: Record<string, unknown>,
    models: TaintModels,
    readings: FileReadings = new FileReadings(),
  ) {
    this.files = files;
    this.shared = readings;
    this.models = models;
    this.manifest = manifest;
    this.name = typeof manifest['name'] === 'string' ? manifest['name'] : 'package';
    this.root = packageRoot(this.name);
  }

  /** The text of a file of the package or of decoded code; null when there is none. */
  text(path: string): string | null {
    return this.reading(path)?.text ?? null;
  }

  /** What is known of a file of the package or of decoded code; null when there is none. */
  reading(path: string): FileReading | null {
    const known = this.readings.get(path);
    if (known !== undefined) return known;
    const content = this.virtual.get(path) ?? this.files.get(path);
    if (content === undefined) return null;
    const made = this.shared.of(path, content);
    this.readings.set(path, made);
    return made;
  }

  /** The source text of a node on one short line. */
  excerpt(file: string, node: t.Node): string {
    const known = this.excerpts.get(node);
    if (known !== undefined) return known;
    const made = this.makeExcerpt(file, node);
    this.excerpts.set(node, made);
    return made;
  }

  private makeExcerpt(file: string, node: t.Node): string {
    const code = this.text(file);
    if (code === null || node.start === null || node.start === undefined || node.end === null || node.end === undefined)
      return node.type;
    const shift = code.charCodeAt(0) === 0xfeff ? 1 : 0;
    return code
      .slice(node.start + shift, Math.min(node.end, node.start + 160) + shift)
      .replace(/\s+/g, ' ')
      .trim();
  }

  /** The whole source text of a node, or null. */
  excerptWhole(file: string, node: t.Node): string | null {
    const code = this.text(file);
    if (code === null || typeof node.start !== 'number' || typeof node.end !== 'number') return null;
    const shift = code.charCodeAt(0) === 0xfeff ? 1 : 0;
    return code.slice(node.start + shift, node.end + shift);
  }

  loaded(I: Interpreter): Map<string, LoadedModule> {
    let map = this.modules.get(I);
    if (map === undefined) {
      map = new Map();
      this.modules.set(I, map);
    }
    return map;
  }

  /** The file of the package that a specifier means, seen from another file; null for what is outside. */
  resolve(spec: string, from: string): string | null {
    const clean = spec.replace(/^file:\/\//, '').replace(/[?#].*$/, (rest) => (spec.startsWith('#') ? rest : ''));
    if (spec.startsWith('#')) return this.resolveImports(spec);
    if (clean.startsWith('.')) return this.find(posix.join(posix.dirname(from), clean));
    if (isAbsolute(clean)) {
      const own = ownPath(clean, this.root);
      return own === null ? null : this.find(own);
    }
    if (clean === this.name) return this.resolveMain('');
    if (clean.startsWith(`${this.name}/`)) return this.resolveExport(`./${clean.slice(this.name.length + 1)}`);
    return this.resolveBundled(clean, from);
  }

  private find(path: string): string | null {
    const base = posix.normalize(path).replace(/^\.\//, '').replace(/\/$/, '');
    if (base.startsWith('..')) return null;
    if (base !== '.' && base !== '') {
      for (const extension of EXTENSIONS) if (this.files.has(base + extension)) return base + extension;
      const typescript = base.replace(/\.([cm]?)js$/, '.$1ts');
      if (typescript !== base && this.files.has(typescript)) return typescript;
    }
    return this.resolveMain(base === '.' ? '' : base);
  }

  private resolveMain(folder: string): string | null {
    const prefix = folder === '' ? '' : `${folder}/`;
    const manifest = folder === '' ? this.manifest : this.json(`${prefix}package.json`);
    const main =
      manifest === null ? null : (exportTarget(manifest['exports'], '.') ?? manifest['main'] ?? manifest['module']);
    if (typeof main === 'string') {
      const base = posix.normalize(prefix + main).replace(/\/$/, '');
      for (const extension of [...EXTENSIONS, '/index.js', '/index.json'])
        if (this.files.has(base + extension)) return base + extension;
    }
    for (const extension of EXTENSIONS.slice(1))
      if (this.files.has(`${prefix}index${extension}`)) return `${prefix}index${extension}`;
    return null;
  }

  private resolveExport(sub: string): string | null {
    const target = exportTarget(this.manifest['exports'], sub);
    return this.find(target ?? sub);
  }

  private resolveImports(spec: string): string | null {
    const imports = this.manifest['imports'];
    const target = exportTarget(imports, spec);
    if (target === null) return null;
    return target.startsWith('.') ? this.find(target) : null;
  }

  private resolveBundled(spec: string, from: string): string | null {
    const parts = spec.split('/');
    const name = spec.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string);
    const sub = parts.slice(name.split('/').length).join('/');
    for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
      const base = `${folder === '.' ? '' : `${folder}/`}node_modules/${name}`;
      if (this.files.has(`${base}/package.json`))
        return sub === '' ? this.resolveMain(base) : this.find(`${base}/${sub}`);
      if (folder === '.' || folder === '/') return null;
    }
  }

  json(path: string): Record<string, unknown> | null {
    const text = this.text(path);
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : null;
    } catch {
      return null;
    }
  }

  /** Parses a file once. */
  parse(I: Interpreter, path: string, reading: FileReading): Parsed | ParseFailure {
    const known = this.parsed.get(path);
    if (known !== undefined) return known;
    const { text } = reading;
    const large = text.length > I.budget.fileBytes;
    if (large) reading.bundled ??= bundledModules(text);
    reading.parsed ??= large
      ? narrowed(text)
      : (parseComponent(text, path) ?? parseLazily(text, path) ?? parseText(text, path));
    this.parsed.set(path, reading.parsed);
    return reading.parsed;
  }

  /** Tells that a file could not be read, and reads it by names alone. */
  unreadable(I: Interpreter, path: string, { reason, line }: ParseFailure): void {
    const content = this.files.get(path);
    if (content instanceof Uint8Array && isAssetMagic(magicOf(content))) return;
    const note = `cannot be parsed: ${reason}`;
    I.fact('parse-failure', reason, path, line, [
      { role: 'step', file: path, line: Math.max(1, line), column: 0, note },
    ]);
    insensitivePass(I, path);
  }

  /** Files of the package that a relative path with unknown parts, each within one name, may mean. */
  matching(spec: string, from: string): string[] {
    const [folder, ...more] = spec.split(HOLE);
    if (folder === undefined || !/^\.{1,2}\/./.test(folder) || more.length > 2) return [];
    const start = posix.join(posix.dirname(from), folder);
    const rest = more.map((part) => `[^/]+${part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`).join('');
    const pattern = new RegExp(`^${rest}(?:\\.(?:[cm]?js|json))?$`);
    return [...this.files.keys()].filter((path) => path.startsWith(start) && pattern.test(path.slice(start.length)));
  }

  /** What `require` of a file of the package gives; runs the file the first time. */
  requireFile(I: Interpreter, path: string): Value {
    const loaded = this.load(I, path);
    return loaded === null ? unknown(null) : getProperty(I, loaded.module, 'exports', null, topFrame(path));
  }

  /** How a file of the package is obfuscated; empty where it is not. */
  obfuscation(path: string): readonly string[] {
    const reading = this.reading(path);
    if (reading === null) return [];
    reading.obfuscated ??= obfuscationOf(reading.text);
    return reading.obfuscated;
  }

  /** Runs a file of the package, or returns it as it is when it runs already. */
  load(I: Interpreter, path: string): LoadedModule | null {
    const modules = this.loaded(I);
    const known = modules.get(path);
    if (known !== undefined) return known;
    const reading = this.reading(path);
    if (reading === null) return null;
    const module = I.object();
    module.depth = 0;
    const exports = I.object();
    exports.depth = 0;
    module.props.set('exports', exports);
    const record: LoadedModule = { path, module, scope: new Scope(null, 0), esm: false, done: false };
    modules.set(path, record);
    if (path.endsWith('.json')) {
      const data = fromJson(I, reading.text);
      module.props.set('exports', data === null ? unknown(null) : markOpaqueData(data, reading.text, path));
      record.done = true;
      return record;
    }
    if (path.endsWith('.node')) return record;
    const parsed = this.parse(I, path, reading);
    if (!('program' in parsed)) {
      // A path that only names data: if it were required, it would throw.
      if (/\.(?:ya?ml|toml|ini)$/i.test(path)) return record;
      this.unreadable(I, path, parsed);
      return record;
    }
    if (I.stepLimit < I.budget.steps && this.obfuscation(path).length > 0) I.stepLimit = I.budget.steps;
    this.run(I, record, parsed.program, exports);
    return record;
  }

  private run(I: Interpreter, record: LoadedModule, program: t.Program, exports: Obj): void {
    const { scope, path, module } = record;
    record.esm = program.body.some((node) => node.type === 'ImportDeclaration' || node.type.startsWith('Export'));
    this.bindModule(scope, path, module, exports);
    const frame = topFrame(path, record.esm ? UNDEFINED : exports);
    const guards = I.guards;
    try {
      hoistInto(I, program, program.body, scope, frame);
      if (record.esm) this.link(I, program, scope, frame, exports);
      runBody(I, program.body, scope, frame);
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      I.mayThrow++;
    } finally {
      I.guards = guards;
      record.done = true;
    }
  }

  private bindModule(scope: Scope, path: string, module: Obj, exports: Obj): void {
    const require = new Api('require');
    require.target = path;
    module.props.set('require', require);
    const filename = `${this.root}/${path}`;
    module.props.set('id', prim(filename));
    module.props.set('filename', prim(filename));
    module.props.set('paths', new Obj('Array'));
    const native = new Api('module()');
    native.target = path;
    module.proto = native;
    scope.vars.set('require', require);
    scope.vars.set('module', module);
    scope.vars.set('exports', exports);
    scope.vars.set('__filename', prim(filename));
    scope.vars.set('__dirname', prim(posix.dirname(filename)));
  }

  /** Binds imports and exports of an ES module, before its body runs. */
  private link(I: Interpreter, program: t.Program, scope: Scope, frame: Frame, exports: Obj): void {
    exports.props.set('__esModule', prim(true));
    const expose = (exported: string, local: string) => {
      const get = new Native(() => I.lookUp(local, scope) ?? UNDEFINED);
      exports.props.set(exported, { kind: 'accessor', get, set: null });
    };
    for (const node of program.body) {
      if (node.type === 'ImportDeclaration') {
        if (node.importKind === 'type') continue;
        const read = this.importer(I, node.source.value, frame);
        for (const each of node.specifiers) {
          const name =
            each.type === 'ImportSpecifier'
              ? nameOf(each.imported)
              : each.type === 'ImportDefaultSpecifier'
                ? 'default'
                : null;
          scope.vars.set(each.local.name, { kind: 'import', read: () => this.imported(I, read(), name, frame) });
        }
      } else if (node.type === 'ExportDefaultDeclaration') {
        expose('default', '*default*');
      } else if (node.type === 'ExportNamedDeclaration') {
        if (node.source) {
          const read = this.importer(I, node.source.value, frame);
          for (const each of node.specifiers) {
            if (each.type === 'ExportSpecifier') {
              const name = each.local.name;
              exports.props.set(nameOf(each.exported), {
                kind: 'accessor',
                get: new Native(() => this.imported(I, read(), name, frame)),
                set: null,
              });
            } else if (each.type === 'ExportNamespaceSpecifier') {
              exports.props.set(each.exported.name, { kind: 'accessor', get: new Native(() => read()), set: null });
            }
          }
          continue;
        }
        for (const each of node.specifiers)
          if (each.type === 'ExportSpecifier') expose(nameOf(each.exported), each.local.name);
        for (const name of declaredNames(node.declaration)) expose(name, name);
      } else if (node.type === 'ExportAllDeclaration') {
        const value = this.importer(I, node.source.value, frame)();
        if (value instanceof Obj && !(value instanceof Api)) {
          for (const [key, slot] of value.props)
            if (key !== 'default' && !exports.props.has(key)) exports.props.set(key, slot);
        } else exports.rest = exports.rest === null ? value : join(exports.rest, value);
      }
    }
  }

  private importer(I: Interpreter, spec: string, frame: Frame): () => Value {
    const path = this.resolve(spec, frame.file);
    if (path === null) {
      const value = this.outside(I, spec);
      return () => value;
    }
    this.load(I, path);
    return () => this.requireFile(I, path);
  }

  /** A name imported from a module value: `default` of a CommonJS module is the module itself. */
  private imported(I: Interpreter, value: Value, name: string | null, frame: Frame): Value {
    if (name === null) return value;
    if (name === 'default' && value instanceof Obj && !value.props.has('default')) return value;
    if (name === 'default' && value.kind !== 'obj') return value;
    return getProperty(I, value, name, null, frame);
  }

  /** A module that is not in the package: builtin or dependency. */
  outside(I: Interpreter, spec: string): Value {
    const bare = spec.replace(/^node:/, '').replace(/\.js$/, (ending) => (spec.includes('/') ? ending : ending));
    const alias = I.models.aliases.get(bare) ?? bare;
    const module = new Api(alias);
    module.ofModule = true;
    return module;
  }

  /** `module.exports = value` of a file. */
  setExports(I: Interpreter, path: string, value: Value): void {
    this.loaded(I).get(path)?.module.props.set('exports', value);
  }

  /** `import.meta` of a file. */
  importMeta(I: Interpreter, file: string): Value {
    const meta = I.object();
    const filename = `${this.root}/${file}`;
    meta.props.set('url', prim(`file://${filename}`));
    meta.props.set('filename', prim(filename));
    meta.props.set('dirname', prim(posix.dirname(filename)));
    meta.props.set('main', new Api('import.meta.main'));
    meta.props.set('env', new Api('import.meta.env'));
    const resolve = new Api('require.resolve');
    resolve.target = file;
    meta.props.set('resolve', resolve);
    return meta;
  }

  /** An instance of an outside class, for classes of the sample that extend it. */
  instanceOf(parent: Obj): Obj {
    return parent instanceof Api ? new Api(`${parent.path}()`) : new Obj();
  }

  /** Runs decoded code as a child of a file; null when it cannot be parsed. Its value is that of its last expression. */
  runText(
    I: Interpreter,
    code: string,
    file: string,
    scope: Scope | null,
    asFunction: readonly string[] | null,
  ): Value | null {
    const wrapped = asFunction === null ? code : `(function anonymous(${asFunction.join(',')}\n) {\n${code}\n})`;
    const known = this.virtualNames.get(`${file}\0${wrapped}`);
    const name = known ?? `${file.split('!')[0]}!${this.virtual.size + 1}`;
    const parsed = this.parsedVirtual.get(name) ?? parseText(wrapped, name);
    if (!('program' in parsed)) return null;
    if (known === undefined) {
      this.virtual.set(name, wrapped);
      this.virtualNames.set(`${file}\0${wrapped}`, name);
      this.parsedVirtual.set(name, parsed);
    }
    const outer = scope ?? this.moduleScope(I, file);
    const inner = new Scope(outer, I.journals.depth);
    const frame = topFrame(name, UNDEFINED);
    const body = parsed.program.body;
    const guards = I.guards;
    try {
      hoistInto(I, parsed.program, body, inner, frame);
      const last = body[body.length - 1];
      if (last?.type === 'ExpressionStatement') {
        const completion = runBody(I, body.slice(0, -1), inner, frame);
        return completion === null ? evaluate(I, last.expression, inner, frame) : UNDEFINED;
      }
      const completion = runBody(I, body, inner, frame);
      return completion !== null && completion.type === 'return' ? completion.value : UNDEFINED;
    } finally {
      I.guards = guards;
    }
  }

  /** The scope in which decoded code of a file finds `require` and `module`. */
  private moduleScope(I: Interpreter, file: string): Scope {
    const owner = file.split('!')[0] as string;
    const known = this.loaded(I).get(owner);
    if (known !== undefined) return known.scope;
    const scope = new Scope(null, 0);
    const module = I.object();
    const exports = I.object();
    module.props.set('exports', exports);
    this.bindModule(scope, owner, module, exports);
    return scope;
  }
}
