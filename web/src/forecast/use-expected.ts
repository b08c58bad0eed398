// Asks for the peaks to expect, for whoever shows them.
import { useEffect } from 'preact/hooks';
import { get } from '../api/client';
import type { ExpectedPeak } from '../api/forecast-types';
import { useFetch, type Fetched } from '../chart/use-fetch';
import { expected } from './chosen';

const REFRESH_SECONDS = 60;

export function useExpected(): Fetched<{ items: ExpectedPeak[] }> {
  const fetched = useFetch('peaks', REFRESH_SECONDS, () => get<{ items: ExpectedPeak[] }>('peaks'));
  const items = fetched.data?.items;
  useEffect(() => {
    if (items) expected.value = items;
  }, [items]);
  return fetched;
}
