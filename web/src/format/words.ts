// The product's words as the page prints them.
import type { ResourceType, Status } from '../api/types';

export interface ResourceWord {
  type: ResourceType;
  name: string;
  short: string;
  line: string; // colour of its line in charts
  without: string; // why it may have no data
}

export const RESOURCES: readonly ResourceWord[] = [
  { type: 'CPU', name: 'CPU', short: 'CPU', line: '--c1', without: 'No CPU samples have come in yet.' },
  {
    type: 'MEMORY',
    name: 'Memory',
    short: 'Mem',
    line: '--c4',
    without: 'No memory samples have come in yet.',
  },
  { type: 'DISK', name: 'Disk', short: 'Disk', line: '--c5', without: 'No disk samples have come in yet.' },
  {
    type: 'NETWORK',
    name: 'Network',
    short: 'Net',
    line: '--c2',
    without: 'No network samples have come in yet.',
  },
  {
    type: 'CONNECTIONS',
    name: 'Connections',
    short: 'Conn',
    line: '--c7',
    without: 'No connection counts have come in yet.',
  },
  {
    type: 'QUEUE_DEPTH',
    name: 'Queue depth',
    short: 'Queue',
    line: '--c8',
    without: 'No queue depths have come in yet.',
  },
  {
    type: 'API_CALLS',
    name: 'API calls',
    short: 'API',
    line: '--c3',
    without: 'Push them to POST /api/v1/metrics.',
  },
];

export function isResource(word: string): word is ResourceType {
  return RESOURCES.some((resource) => resource.type === word);
}

export function resourceWord(type: ResourceType): ResourceWord {
  return RESOURCES.find((resource) => resource.type === type) as ResourceWord;
}

export const STATUS_ORDER: readonly Status[] = [
  'HEALTHY',
  'WARNING',
  'CRITICAL',
  'OVER_PROVISIONED',
  'UNDER_PROVISIONED',
  'UNKNOWN',
];

/** Class name and word of a status. */
export const STATUS: Record<Status, { css: string; word: string }> = {
  HEALTHY: { css: 'healthy', word: 'Healthy' },
  WARNING: { css: 'warning', word: 'Warning' },
  CRITICAL: { css: 'critical', word: 'Critical' },
  OVER_PROVISIONED: { css: 'over', word: 'Over-provisioned' },
  UNDER_PROVISIONED: { css: 'under', word: 'Under-provisioned' },
  UNKNOWN: { css: 'unknown', word: 'No data' },
};

const REASONS: Record<string, string> = {
  NO_CAPACITY: 'capacity unknown',
  NO_DATA: 'no data',
  STALE: 'stale, no new samples',
  FULL_SOON: 'full within 14 days at the present trend',
  FULL_VERY_SOON: 'full within 3 days at the present trend',
  UNDER_WINDOW: 'at or above scale-up for most of 30 minutes',
  OVER_WINDOW: 'below scale-down for a day',
  BELOW_WARNING: 'below the warning threshold',
  ABOVE_WARNING: 'above the warning threshold',
  ABOVE_CRITICAL: 'above the critical threshold',
};

/** A reason code in words; one this page does not know keeps its own. */
export function reasonWords(code: string): string {
  return REASONS[code] ?? code.toLowerCase().replaceAll('_', ' ');
}

/** The word beside a status icon: UNKNOWN for want of a capacity says so. */
export function statusWord(status: Status, reason: string): string {
  return status === 'UNKNOWN' && reason === 'NO_CAPACITY' ? 'Capacity unknown' : STATUS[status].word;
}

/** "host, vm1, /var" without the empty parts. */
export function place(...names: (string | null | undefined)[]): string {
  return names.filter(Boolean).join(', ');
}
