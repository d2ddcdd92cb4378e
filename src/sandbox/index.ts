export { type AuditLine, risingAttempts } from './audit.js';
export { type ControlGroup, createControlGroup } from './bubblewrap/cgroup.js';
export { type BubblewrapProbe, probeBubblewrap as probeSandbox } from './bubblewrap/probe.js';
export { askForScope, type ScopeOffer } from './bubblewrap/scope.js';
export { createSandbox, requireSandbox } from './create.js';
export { defaultGrant, defaultLimits } from './limits.js';
export type {
  Consequence,
  Grant,
  Limits,
  RegistryOrigin,
  Sandbox,
  SandboxOptions,
  ScriptRequest,
  ViolationKind,
} from './sandbox.js';
export { SandboxBrokenError, SandboxRequestError, SandboxUnavailableError } from './sandbox-errors.js';
export { discoverToolchain } from './toolchain.js';
export { defaultConsequences } from './violations.js';
