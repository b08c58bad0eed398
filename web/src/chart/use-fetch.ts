// A panel's data: keeps what it has while it asks again, says when that takes long.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';

export interface Fetched<T> {
  data: T | null;
  error: ApiError | null;
  slow: boolean; // asking for more than a second: dim what is shown
  retry: () => void;
}

const SLOW_MS = 1_000;

function asApiError(reason: unknown): ApiError {
  return reason instanceof ApiError
    ? reason
    : new ApiError({ title: 'Unexpected answer', status: 0, detail: String(reason) });
}

const HIDDEN_LOOK_MS = 1_000;

/** Calls ask() when key changes and then every so many seconds while the page is looked at; key ''
 *  asks nothing.  When nudge changes it asks at once, and keeps what it has until the answer. */
export function useFetch<T>(
  key: string,
  everySeconds: number,
  ask: () => Promise<T>,
  nudge: unknown = 0,
): Fetched<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: ApiError | null }>({
    key: '',
    data: null,
    error: null,
  });
  const [slow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;

  useEffect(() => {
    if (!key) return undefined;
    let gone = false;
    let timer = 0;
    const later = () => {
      if (document.hidden) timer = window.setTimeout(later, HIDDEN_LOOK_MS);
      else void round();
    };
    const round = async () => {
      const slowTimer = window.setTimeout(() => !gone && setSlow(true), SLOW_MS);
      try {
        const data = await latest.current();
        if (!gone) setState({ key, data, error: null });
      } catch (reason) {
        // A refresh that fails leaves the old picture; the banner tells of a lost daemon.
        if (!gone)
          setState((old) =>
            old.key === key && old.data ? old : { key, data: null, error: asApiError(reason) },
          );
      }
      clearTimeout(slowTimer);
      if (gone) return;
      setSlow(false);
      timer = window.setTimeout(later, everySeconds * 1000);
    };
    void round();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [key, everySeconds, attempt, nudge]);

  return { data: state.data, error: state.error, slow, retry: () => setAttempt(attempt + 1) };
}
