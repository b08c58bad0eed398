// The seven meters in one card, with their legend.
import { getHistory } from '../chart/history';
import { useFetch } from '../chart/use-fetch';
import { RESOURCES } from '../format/words';
import type { Service } from '../api/types';
import type { Live } from '../state/live';
import { route } from '../state/route';
import { metersOf, type Sparks } from './meter-model';
import { MeterCell } from './meter-cell';

const DAY = { span: 86_400, step: 900 };
const REFRESH_SECONDS = 300;

/** The 24-hour lines of one service: the summary only has those of all together. */
function useSparks(service: Service | undefined): Sparks {
  const types = RESOURCES.map((word) => word.type).filter((type) => service?.resources[type]);
  const fetched = useFetch(service ? `${service.service} ${types.join()}` : '', REFRESH_SECONDS, async () => {
    const histories = await Promise.all(types.map((type) => getHistory(service!.service, type, DAY)));
    const sparks: Sparks = {};
    histories.forEach(({ t0, step, columns }, i) => {
      sparks[types[i]!] = { t0, step, utilization_pct: columns.utilization_pct };
    });
    return { service: service!.service, sparks };
  });
  return fetched.data && fetched.data.service === service?.service ? fetched.data.sparks : {};
}

export function Meters({ data }: { data: Live }) {
  const { svc, res } = route.value;
  const chosen = data.services.length > 1 ? data.services.find((s) => s.service === svc) : undefined;
  const sparks = useSparks(chosen);
  const meters = metersOf(data, chosen, sparks);
  const at = Date.parse(data.summary.timestamp) / 1000;
  return (
    <section class="card s12" aria-label={`Resource utilization${chosen ? ` of ${chosen.service}` : ''}`}>
      <div class="meters">
        {meters.map((meter) => (
          <MeterCell key={meter.word.type} meter={meter} chosen={meter.word.type === res} at={at} />
        ))}
      </div>
      <div class="cf lgd">
        <span class="lg">
          <span>
            <i class="bx now" />
            now
          </span>
          <span>
            <i class="p95" />
            p95, 7 days
          </span>
          <span>
            <i class="bx warning" />
            warning
          </span>
          <span>
            <i class="bx critical" />
            critical
          </span>
          <span>
            line: last 24{'\u00a0'}h, 0 to 100{'\u00a0'}%
          </span>
        </span>
        <span class="end el">
          {chosen && `Of ${chosen.service}. `}The last figure shows time until a limit is reached
        </span>
      </div>
    </section>
  );
}
