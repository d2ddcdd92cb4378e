import { isBuiltinName } from '../interpreter/builtin-methods.js';
import { MODELS } from '../models/index.js';
import { picks } from '../taint/page-parts.js';
import { type Held, holds, type KeyUse, lookUp, type TaintModels } from '../taint/taint-models.js';
import type { Model } from './api-calls.js';
import { clientSink } from './clients.js';
import { isOfPage } from './page-disabled.js';
import { PAYS } from './recipients.js';

/** What the tables and the models say of calls of one API path. */
export interface PathFacts {
  sink: { sink: string; target: string } | undefined;
  model: Model | undefined;
  through: string | undefined;
  source: { source: string; read: boolean } | undefined;
  callbacks: { params: (string | null)[] } | undefined;
  /** Functions in fields or lists of an argument that run. */
  held: Held | undefined;
  symbol: string | undefined;
  /** The argument that is a secret by what is done with it. */
  use: KeyUse | undefined;
  /** Nothing of what it is given comes out. */
  clean: boolean;
  /** What it gives is an answer of the network. */
  response: boolean;
  /** Its first arguments may be who is paid. */
  pays: boolean;
  /** The last name of the path. */
  name: string;
  /** What a call gives where nothing else is known of it. */
  result: string;
  /** `config.get('privateKey')`: a field by another way. */
  getter: boolean;
  /** A method of something that is not known: what it makes of a parameter is not the parameter any more. */
  others: boolean;
  /** It may give less than the text that it is asked of. */
  picks: boolean;
  /** It may hide or empty the whole page. */
  ofPage: boolean;
}

const GETTER = /^\?\.(?:get|getItem|getString|getOrThrow|value|option|param|read)$/;

const MOST_PATHS = 20_000;

const known = new WeakMap<TaintModels, Map<string, PathFacts>>();

/** Looks an API path up in all tables; few paths are called many times, so what was found is kept. */
export function pathFacts(models: TaintModels, path: string): PathFacts {
  let paths = known.get(models);
  if (paths === undefined) {
    paths = new Map();
    known.set(models, paths);
  }
  let facts = paths.get(path);
  if (facts === undefined) {
    const name = path.slice(path.lastIndexOf('.') + 1);
    facts = {
      sink: lookUp(models.sinks, path) ?? clientSink(models.clients, path),
      model: (path.startsWith('?.') ? undefined : MODELS.get(path)) ?? methodModel(path),
      through: lookUp(models.through, path),
      source: lookUp(models.sources, path),
      callbacks: lookUp(models.callbacks, path),
      held: models.held.get(path) ?? models.held.get(`*.${name}`),
      symbol: models.symbolOfApi.get(path),
      use: models.uses.get(path),
      clean: holds(models.clean, path),
      response: holds(models.responses, path),
      pays: PAYS.test(path),
      name,
      result: `${path}()`,
      getter: GETTER.test(path),
      others: path.startsWith('?.') && !isBuiltinName(path.slice(2)),
      picks: picks(name.slice(name.indexOf('#') + 1)),
      ofPage: isOfPage(path),
    };
    if (paths.size < MOST_PATHS) paths.set(path, facts);
  }
  return facts;
}

/** Models for methods by their last name, whatever the receiver: `on`, `then`, `pipe`, and everything on unknown values. */
function methodModel(path: string): Model | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (path.startsWith('?.')) return MODELS.get(`?.${name}`) ?? MODELS.get(`*.${name}`);
  return path.includes('()') || !path.includes('.') ? MODELS.get(`*.${name}`) : undefined;
}
