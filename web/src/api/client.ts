// Requests to the HTTP API: an answer, or an ApiError that carries the problem document.
import { signal } from '@preact/signals';
import type { Problem } from './types';

const BASE = 'api/v1/'; // relative, so that the page works below a route prefix
const DEADLINE_MS = 10_000;
// A write that comes with the session's cookie needs this header.  Others carry it so that a 401
// makes us ask for a token, and not the browser for a password.
const OURS = { 'X-Loadline-CSRF': '1' };

/** How often the daemon told us that we are nobody to it. */
export const refusals = signal(0);

export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfterSeconds = 0,
  ) {
    super(problem.detail || problem.title);
  }
}

export function apiUrl(path: string, query: Record<string, string> = {}): string {
  const q = new URLSearchParams(query).toString();
  return BASE + path + (q ? '?' + q : '');
}

async function errorOf(response: Response): Promise<ApiError> {
  const plain = { title: response.statusText, status: response.status, detail: '' };
  const wait = Number(response.headers.get('Retry-After')) || 0;
  try {
    return new ApiError({ ...plain, ...((await response.json()) as Partial<Problem>) }, wait);
  } catch {
    return new ApiError({ ...plain, detail: `The server answered ${response.status}.` }, wait);
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(DEADLINE_MS) });
  } catch (reason) {
    const late = reason instanceof DOMException && reason.name === 'TimeoutError';
    throw new ApiError({
      title: late ? 'Took too long' : 'Not reachable',
      status: 0,
      detail: late ? 'The query took longer than 10 s.' : 'The daemon did not answer.',
      instance: url,
    });
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  try {
    const response = await ask(apiUrl(path, query), { headers: { ...OURS, Accept: 'application/json' } });
    return (await response.json()) as T;
  } catch (reason) {
    if (reason instanceof ApiError && reason.problem.status === 401) refusals.value++;
    throw reason;
  }
}

/** A write.  Its 401 means that what it brought is wrong, not that we are nobody. */
export async function send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
  const type = body === undefined ? undefined : { 'Content-Type': 'application/json' };
  await ask(apiUrl(path), { method, headers: { ...OURS, ...type }, body: JSON.stringify(body) });
}

/** The schemes the daemon takes, asked without what the browser may know of us. */
export async function takesPasswords(): Promise<boolean> {
  try {
    const response = await fetch(apiUrl('summary'), { credentials: 'omit', method: 'HEAD' });
    return /^basic/i.test(response.headers.get('WWW-Authenticate') ?? '');
  } catch {
    return false;
  }
}
