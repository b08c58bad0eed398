// Tab 3: how far Loadline may go, what waits for a person, what each policy does and why.
import type { Rule } from '../api/scaling-types';
import { Loading } from '../overview/loading';
import { Unreachable } from '../overview/unreachable';
import { useImpatience } from '../overview/use-impatience';
import { live } from '../state/live';
import { route } from '../state/route';
import { Empty } from '../ui/empty';
import { Failed } from '../ui/failed';
import { Autopilot } from './autopilot';
import { PolicyTable } from './policy-table';
import { Proposals, waiting } from './proposals';
import { TimelineCard } from './timeline';
import { usePolicies, type Policies } from './use-policies';
import { Why } from './why';

function NoPolicies() {
  return (
    <section class="card s12 waiting">
      <Empty icon="scaling" title="No policies yet">
        <p>
          A policy says which signal scales which target, and within which limits. New ones only observe: they say what
          they would do. Write one and hand it over with <code class="mono">loadline rules apply -f rules.yaml</code>;{' '}
          <code class="mono">loadline rules check</code> says what is wrong with it.
        </p>
      </Empty>
    </section>
  );
}

/** The policy that the timeline is about: of the service that is chosen, of the decision, or the
 *  most pressing. */
function shownRule({ rules, targets }: Policies): Rule | null {
  const { svc, res, decision } = route.value;
  const fits = rules.filter((r) => (!svc || r.service === svc) && (!res || r.resource_type === res));
  return (
    fits.find((r) => r.last?.decision_id === decision) ??
    fits.find((r) => targets.get(r.target)?.action?.state === 'proposed') ??
    fits.find((r) => r.last && r.last.wanted !== r.last.current) ??
    fits[0] ??
    null
  );
}

export function Scaling() {
  const late = useImpatience();
  const fetched = usePolicies();
  const policies = fetched.data;
  if (!live.value) return late ? <Unreachable /> : <Loading />;
  if (!policies)
    return fetched.error ? (
      <section class="card s12 waiting">
        <h1 class="sr">Scaling policies</h1>
        <Failed error={fetched.error} retry={fetched.retry} />
      </section>
    ) : (
      <Loading />
    );
  const { svc } = route.value;
  const rule = shownRule(policies);
  const n = waiting(policies).length;
  const actions = policies.actions.filter((a) => !svc || a.service === svc);
  const decision = route.value.decision || rule?.last?.decision_id || '';
  return (
    <>
      <h1 class="sr">Scaling policies</h1>
      <p class="sr" role="status">
        {n === 0 ? '' : n === 1 ? '1 proposal waits' : `${n} proposals wait`}
      </p>
      <Autopilot mode={policies.mode} actions={policies.actions} changed={fetched.retry} />
      <Proposals policies={policies} changed={fetched.retry} />
      {policies.rules.length === 0 ? (
        <NoPolicies />
      ) : (
        <>
          <PolicyTable policies={policies} changed={fetched.retry} />
          <TimelineCard rule={rule} target={rule ? (policies.targets.get(rule.target) ?? null) : null} actions={actions} />
          <Why key={decision} id={decision} />
        </>
      )}
    </>
  );
}
