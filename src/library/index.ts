export { type CommonOptions, explain, install, type LibraryInstallOptions, scan } from './library.js';
export { approvalRoot, openSession, policyAt, type Session, type SessionPlace } from './session.js';
