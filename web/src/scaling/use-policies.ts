// What the tab is made of: rules, targets, the last actions and how far Loadline may go.  Asked for
// together, so that one picture does not contradict itself.
import { get } from '../api/client';
import type { Action, ModeState, Rule, Target } from '../api/scaling-types';
import { useFetch, type Fetched } from '../chart/use-fetch';

const REFRESH_SECONDS = 5;
const ACTION_HOURS = 24;

export interface Policies {
  rules: Rule[];
  targets: Map<string, Target>;
  actions: Action[]; // newest first
  mode: ModeState;
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** All pages of a list. */
async function all<T>(path: string, query: Record<string, string> = {}): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<T> = await get(path, cursor ? { ...query, cursor } : query);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

async function askPolicies(): Promise<Policies> {
  const [rules, targets, actions, mode] = await Promise.all([
    all<Rule>('rules'),
    all<Target>('targets'),
    get<Page<Action>>('actions', { hours: String(ACTION_HOURS), limit: '200' }),
    get<ModeState>('mode'),
  ]);
  return { rules, targets: new Map(targets.map((t) => [t.name, t])), actions: actions.items, mode };
}

export const usePolicies = (): Fetched<Policies> => useFetch('policies', REFRESH_SECONDS, askPolicies);
