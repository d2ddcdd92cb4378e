export {
  type ApprovalLock,
  type ApprovalRecord,
  approvalLockSchema,
  EMPTY_LOCK,
  heldOn,
  readApprovalLock,
  writeApprovalLock,
} from './lock.js';
export { LOCK_NAME } from './lock-name.js';
export { type ManagerFile, managerFile } from './manager-file.js';
export { type ScriptKeys, scriptKeys } from './script-key.js';
export { approveScripts, denyScripts, forgetScripts, isAbout, type ScriptPolicy } from './script-policy.js';
