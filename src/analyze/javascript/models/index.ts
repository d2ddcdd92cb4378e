import type { Model } from '../outside/api-calls.js';
import { ARCHIVES } from './archives.js';
import { ARRAYS } from './arrays.js';
import { ASYNC } from './async.js';
import { BYTES } from './bytes.js';
import { CHANNELS } from './channels.js';
import { CODE } from './code.js';
import { COMBINATORS } from './combinators.js';
import { COMPONENTS } from './components.js';
import { CONSOLES } from './consoles.js';
import { DATA_FORMATS } from './data-formats.js';
import { DATES } from './dates.js';
import { DESCRIPTORS } from './descriptors.js';
import { DOM } from './dom.js';
import { DRAFTS } from './drafts.js';
import { EMITTERS } from './emitters.js';
import { ENVIRONMENTS } from './environments.js';
import { FORMS } from './forms.js';
import { MARKUP_MODELS } from './markup.js';
import { NUMBERS } from './numbers.js';
import { OBJECTS } from './objects.js';
import { OBSERVABLES } from './observables.js';
import { OPENED_FILES } from './opened-files.js';
import { PICTURES } from './pictures.js';
import { PROMPTS } from './prompts.js';
import { READERS } from './readers.js';
import { REQUESTS } from './requests.js';
import { STORAGE } from './storage.js';
import { STORES } from './stores.js';
import { STREAMS } from './streams.js';
import { STRINGS } from './strings.js';
import { SYNTAX_BUILDERS } from './syntax-builders.js';
import { SYSTEM } from './system.js';
import { UNKNOWNS } from './unknowns.js';

/** What calls of the language's and Node's own functions do, by resolved path; `*.name` and `?.name` by method name. */
export const MODELS: ReadonlyMap<string, Model> = new Map([
  ...UNKNOWNS,
  ...STRINGS,
  ...ARRAYS,
  ...OBJECTS,
  ...DATA_FORMATS,
  ...NUMBERS,
  ...DATES,
  ...BYTES,
  ...STORES,
  ...ASYNC,
  ...EMITTERS,
  ...STREAMS,
  ...CODE,
  ...CONSOLES,
  ...SYSTEM,
  ...OPENED_FILES,
  ...ARCHIVES,
  ...DOM,
  ...COMPONENTS,
  ...ENVIRONMENTS,
  ...REQUESTS,
  ...COMBINATORS,
  ...OBSERVABLES,
  ...READERS,
  ...DESCRIPTORS,
  ...STORAGE,
  ...MARKUP_MODELS,
  ...PICTURES,
  ...FORMS,
  ...DRAFTS,
  ...CHANNELS,
  ...PROMPTS,
  ...SYNTAX_BUILDERS,
]);
