// How many instances serve, and of how many that are wanted.
import type { ServiceFacts } from '../api/types';
import { count } from '../format/number';
import { Icon } from './icon';

/** True when fewer can serve than are wanted. */
export const isShort = ({ ready, desired }: ServiceFacts) =>
  ready != null && desired != null && ready < desired;

interface Props {
  of: ServiceFacts;
  seen?: number | null; // instances that have samples, where nobody says how many serve
}

export function Instances({ of, seen = null }: Props) {
  const { ready, desired } = of;
  if (ready == null && desired == null) return <>{count(seen)}</>;
  if (desired == null) return <>{count(ready)}</>;
  const words = ready == null ? `${desired} wanted` : `${ready} of ${desired} ready`;
  return (
    <span class={isShort(of) ? 'inst warning' : 'inst'} title={words}>
      {isShort(of) && <Icon name="warning" size={11} title="Not all are ready:" />}
      {count(ready)} of {count(desired)}
    </span>
  );
}
