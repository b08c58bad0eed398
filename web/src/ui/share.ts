// What a panel gives away as text: its link, and the request behind it.
import { apiUrl } from '../api/client';
import { signedIn } from '../api/session';
import { tell } from './toast';

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied`);
  } catch {
    tell(`This browser does not let the page copy.`);
  }
}

/** The address of this page, or of the same page with another hash. */
export const copyLink = (hash?: string) =>
  void copy(typeof hash === 'string' ? new URL(hash, location.href).href : location.href, 'Link');

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export interface Request {
  path: string;
  query?: Record<string, string>;
}

/** A command for each request; the token stays in the shell that runs it. */
export function copyAsCurl(requests: Request[]): void {
  const head = signedIn.value ? ' -H "Authorization: Bearer $LOADLINE_TOKEN"' : '';
  const lines = requests.map(({ path, query }) => {
    const url = new URL(apiUrl(path, query), document.baseURI).href;
    return `curl -sS${head} ${quoted(url)}`;
  });
  void copy(lines.join('\n'), requests.length > 1 ? `${lines.length} curl commands` : 'curl command');
}

/** Text for a configuration file or a ticket; what is its name in the sentence "… copied". */
export const copyText = (text: string, what: string) => void copy(text, what);

export const copyCommand = (lines: string[]) => void copy(lines.join('\n'), 'Command');

/** A word of a shell command. */
export const shellWord = (text: string) => (/^[\w.:/@-]+$/.test(text) ? text : quoted(text));
