import { Api, constantText, knownText, Obj, UNDEFINED, unknown } from '../interpreter/value.js';
import type { Call, Model } from '../outside/api-calls.js';
import { argumentFact, observe } from '../outside/observe.js';
import { deepTaints } from '../taint/inner-taints.js';
import { scriptAppended } from './dom.js';

const ELEMENT = 'document.createElement()';
const CHILDREN = '@@children';

/** A form, or what may stand in one, keeps what is put into it. */
const HOLDS = /^(?:form|fieldset|div|p|span|label|section|ul|li|table|tr|td)$/i;

/** What is put into an element that a form is made of. */
const put: Model = (I, call) => {
  scriptAppended(I, call);
  const { self } = call;
  const tag = self instanceof Api ? self.own('@@tag') : undefined;
  if (!(self instanceof Api) || tag === undefined || tag.kind === 'accessor' || !HOLDS.test(constantText(tag) ?? ''))
    return undefined;
  const known = self.own(CHILDREN);
  const children = known instanceof Obj ? known : I.array([]);
  if (known === undefined) self.props.set(CHILDREN, children);
  for (const each of call.args) if (each instanceof Api) children.elements?.push(each);
  return call.path.endsWith('append') ? UNDEFINED : call.args[0];
};

/** A form sends what its fields hold to its action, without being asked. */
const submit: Model = (I, call) => {
  const form = formOf(call);
  const action = form?.own('action');
  if (form === undefined || action === undefined || action.kind === 'accessor') return undefined;
  const taints = deepTaints(form, 6);
  if (taints === null) return undefined;
  observe(I, {
    sink: 'net.out',
    api: `${ELEMENT}.submit`,
    target: knownText(action),
    args: [argumentFact(I, action), argumentFact(I, unknown(taints))],
    taints,
    node: call.node,
    frame: call.frame,
  });
  return undefined;
};

function formOf({ self }: Call): Api | undefined {
  return self instanceof Api && self.own('action') !== undefined ? self : undefined;
}

/** Models of forms that a page makes by itself. */
export const FORMS: [string, Model][] = [
  ...['appendChild', 'append', 'prepend', 'insertBefore', 'replaceChildren'].map((name): [string, Model] => [
    `${ELEMENT}.${name}`,
    put,
  ]),
  ...['submit', 'requestSubmit'].map((name): [string, Model] => [`${ELEMENT}.${name}`, submit]),
];
