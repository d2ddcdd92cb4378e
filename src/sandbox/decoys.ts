import { randomBytes, randomInt } from 'node:crypto';
import type { DecoyFile } from './bubblewrap/helper/protocol.js';

/** A planted credential: random, of use to nobody, and looked for in everything that leaves. */
export interface PlantedCanary {
  value: string;
  /** Where it stands, e.g. `~/.npmrc`. */
  planted: string;
}

/** The files of a decoy HOME and the secrets in them. */
export interface Decoys {
  files: DecoyFile[];
  canaries: PlantedCanary[];
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function letters(length: number, from: string = LETTERS): string {
  return Array.from({ length }, () => from[randomInt(from.length)]).join('');
}

/** Text of an OpenSSH private key: the container is right, the numbers in it are random and fit no public key. */
function sshKey(): { text: string; secret: string } {
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), randomBytes(230)]).toString('base64');
  const lines = body.match(/.{1,70}/g) ?? [];
  const text = ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
  return { text, secret: lines[1]! };
}

/**
 * Makes a HOME that looks like a developer's, with credentials that belong to nobody.
 *
 * @param registry base URL of the registry, for the token line of .npmrc.
 */
export function makeDecoys(registry: string): Decoys {
  const files: DecoyFile[] = [];
  const canaries: PlantedCanary[] = [];
  const plant = (path: string, secrets: string[], content: string, strong = true) => {
    files.push({ path, content, strong });
    for (const value of secrets) canaries.push({ value, planted: `~/${path}` });
  };
  const host = URL.canParse(registry) ? new URL(registry).host : 'registry.example';
  const npm = `npm_${letters(36)}`;
  plant('.npmrc', [npm], `//${host}/:_authToken=${npm}\n`);
  const aws = letters(40, `${LETTERS}+/`);
  const awsId = `AKIA${letters(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
  plant('.aws/credentials', [aws, awsId], `[default]\naws_access_key_id = ${awsId}\naws_secret_access_key = ${aws}\n`);
  const key = sshKey();
  plant('.ssh/id_ed25519', [key.secret], key.text);
  const git = `ghp_${letters(36)}`;
  plant('.git-credentials', [git], `https://dev:${git}@github.com\n`);
  const gh = `gho_${letters(36)}`;
  plant('.config/gh/hosts.yml', [gh], `github.com:\n    user: dev\n    oauth_token: ${gh}\n    git_protocol: https\n`);
  const docker = Buffer.from(`dev:${letters(24)}`).toString('base64');
  plant('.docker/config.json', [docker], `${JSON.stringify({ auths: { [host]: { auth: docker } } }, null, 2)}\n`);
  const kube = letters(64);
  plant('.kube/config', [kube], `apiVersion: v1\nkind: Config\nusers:\n- name: dev\n  user:\n    token: ${kube}\n`);
  const gcloud = `1//${letters(60)}`;
  plant(
    '.config/gcloud/application_default_credentials.json',
    [gcloud],
    `${JSON.stringify({ client_id: `${letters(12, '0123456789')}.apps`, refresh_token: gcloud, type: 'authorized_user' }, null, 2)}\n`,
  );
  const wallet = letters(64, '0123456789abcdef');
  plant('.config/solana/id.json', [wallet], `${JSON.stringify({ secret: wallet })}\n`);
  const pypi = `pypi-${letters(60)}`;
  plant('.pypirc', [pypi], `[pypi]\nusername = __token__\npassword = ${pypi}\n`);
  // curl and git look into .netrc by themselves: reading it proves nothing, sending its password does.
  const netrc = letters(32);
  plant('.netrc', [netrc], `machine git.example login dev password ${netrc}\n`, false);
  return { files, canaries };
}
