// What the daemon found, asked for when something changed and at least each 15 s.
import { computed } from '@preact/signals';
import { get } from '../api/client';
import type { Discovery } from '../api/types';
import { useFetch } from '../chart/use-fetch';
import { live } from '../state/live';

const REFRESH_SECONDS = 15;

/** Changes when the stream tells of something that changes what was found; a picture alone does not. */
const news = computed(() => {
  const data = live.value;
  if (!data) return '';
  const up = data.status.collectors.map((c) => (c.up ? 1 : 0)).join('');
  return `${data.services.length} ${data.events[0]?.id ?? 0} ${up} ${data.status.config.loaded}`;
});

export const useDiscovery = () =>
  useFetch('discovery', REFRESH_SECONDS, () => get<Discovery>('discovery'), news.value);
