// GETs of the HTTP API: an answer, or an ApiError that carries the problem document.
import type { Problem } from './types';

const BASE = 'api/v1/'; // relative, so that the page works below a route prefix
const DEADLINE_MS = 10_000;

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

export function apiUrl(path: string, query: Record<string, string> = {}): string {
  const q = new URLSearchParams(query).toString();
  return BASE + path + (q ? '?' + q : '');
}

async function problemOf(response: Response): Promise<Problem> {
  const plain = { title: response.statusText, status: response.status, detail: '' };
  try {
    return { ...plain, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return { ...plain, detail: `The server answered ${response.status}.` };
  }
}

export async function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(apiUrl(path, query), {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch (reason) {
    const late = reason instanceof DOMException && reason.name === 'TimeoutError';
    throw new ApiError({
      title: late ? 'Took too long' : 'Not reachable',
      status: 0,
      detail: late ? 'The query took longer than 10 s.' : 'The daemon did not answer.',
      instance: apiUrl(path, query),
    });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return (await response.json()) as T;
}
