import type { ShellState } from './state.js';
import { constant, isConstant, type ShellValue } from './value.js';

const LEADING =
  /^(?:GIT_SSH(?:_COMMAND)?|GIT_ASKPASS|SSH_ASKPASS|GIT_PROXY_COMMAND|GIT_EXEC_PATH|GIT_CONFIG_GLOBAL|GIT_CONFIG_SYSTEM|GIT_TEMPLATE_DIR|GIT_SSL_NO_VERIFY|NODE_TLS_REJECT_UNAUTHORIZED|NODE_EXTRA_CA_CERTS|CURL_CA_BUNDLE|https?_proxy|all_proxy|npm_config_(?:registry|script_shell|node_options|strict_ssl))$/i;

/** Variables that lead git, package managers and other clients elsewhere, as the command that would set them up. */
export function setUpByVariable(name: string, value: ShellValue, state: ShellState, at: number): void {
  if (!isConstant(value) || value.text === '') return;
  const said = /^GIT_CONFIG_(?:KEY_\d+|PARAMETERS)$/.test(name)
    ? `git -c ${value.text}`
    : LEADING.test(name)
      ? `env ${name}=${value.text}`
      : null;
  if (said !== null) state.observe('process.spawn', `shell.${name}`, [constant(said)], at);
}
