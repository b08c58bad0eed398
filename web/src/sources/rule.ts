// Text for the configuration: a source to start with, and a mapping rule for a metric.
import type { ResourceType, Unmatched } from '../api/types';

export const FIRST_SOURCE = `collect:
  prometheus:
    - name: prod
      url: http://prometheus.example:9090
`;

/** Labels that name a service, the surest first. */
const NAMERS = ['job', 'service', 'app', 'application', 'deployment', 'container', 'unit'];

const HINTS: [RegExp, ResourceType][] = [
  [/conn|client|session/i, 'CONNECTIONS'],
  [/queue|backlog|pending|lag|depth/i, 'QUEUE_DEPTH'],
  [/cpu/i, 'CPU'],
  [/memory|heap|rss/i, 'MEMORY'],
  [/(receive|transmit|network).*bytes/i, 'NETWORK'],
];

/** What the metric may measure; calls where its name says nothing. */
function guessType(metric: string): ResourceType {
  return HINTS.find(([pattern]) => pattern.test(metric))?.[1] ?? 'API_CALLS';
}

function namerOf(example: string): string {
  return NAMERS.find((label) => new RegExp(`[{,]\\s*"?${label}"?\\s*=`).test(example)) ?? 'job';
}

const single = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A rule to correct: it takes the service from the label that names one in the example. */
export function mappingRule({ metric, example }: Pick<Unmatched, 'metric' | 'example'>): string {
  return `mapping:
  - match: ${single(`{__name__=${JSON.stringify(metric)}}`)}
    service: ${single(`{${namerOf(example)}}`)}
    resource_type: ${guessType(metric)}
`;
}
