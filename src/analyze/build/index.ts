export { interpretGyp } from './gyp.js';
export { interpretMake } from './make.js';
