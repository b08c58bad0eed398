// The layout in grey until the first snapshot.
import { Skeleton } from '../ui/skeleton';

export function Loading() {
  return (
    <div class="s12 loading" role="status">
      <h1 class="sr">Loading</h1>
      <Skeleton height={62} />
      <Skeleton height={82} />
      <Skeleton height={184} />
      <div class="pair">
        <Skeleton height={420} />
        <Skeleton height={420} />
      </div>
    </div>
  );
}
