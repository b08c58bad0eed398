// A panel that could not be loaded: what failed, that the rest works, Try again, Details.
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client';
import { Button } from './button';
import { Empty } from './empty';

export function Failed({ error, retry }: { error: ApiError; retry: () => void }) {
  const [details, setDetails] = useState(false);
  const problem = error.problem;
  return (
    <Empty icon="critical" tone="bad" title="Could not load this panel">
      <p role="alert">{problem.detail || problem.title} The other panels are not affected.</p>
      <div class="acts">
        <Button onClick={retry}>Try again</Button>
        <Button kind="gh" pressed={details} onClick={() => setDetails(!details)}>
          Details
        </Button>
      </div>
      {details && (
        <pre class="mono details" tabIndex={0}>
          {JSON.stringify(problem, null, 1)}
        </pre>
      )}
    </Empty>
  );
}
