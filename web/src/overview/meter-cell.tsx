// One of the seven meters: status, value, 24 hours, bullet, used of capacity, peak, time to limit.
import { percent, percentDigits, used } from '../format/number';
import { untilLimit, urgency } from '../format/time';
import { place, reasonWords } from '../format/words';
import { go } from '../state/route';
import { StatusMark } from '../ui/status';
import { Bullet } from './bullet';
import type { Meter } from './meter-model';
import { Spark } from './spark';

function why(meter: Meter): string | undefined {
  if (!meter.present) return meter.word.without;
  return meter.pct == null ? `No utilization: ${reasonWords(meter.reason)}` : undefined;
}

/** Whose status it is: that of the worst instance and part. */
function worstWords({ worst }: Meter): string | undefined {
  return worst
    ? `Worst: ${place(worst.service, worst.instance, worst.part)}, ${percent(worst.utilization_pct)}`
    : undefined;
}

/** Why there is no figure: none ever came, or what came has ended. */
function missing({ present, reason, word }: Meter): string {
  if (!present) return word.without;
  return reason === 'NO_DATA' ? 'No data now.' : `No data now: ${reasonWords(reason)}.`;
}

function Foot({ meter }: { meter: Meter }) {
  if (!meter.present || meter.value == null)
    return (
      <div class="ft wrap">
        <span>{missing(meter)}</span>
      </div>
    );
  const known = meter.capacity != null;
  return (
    <>
      <div class="ft">
        <span class="el">
          {used(meter.value, meter.capacity, meter.unit)}
          {!known && ', capacity unknown'}
        </span>
      </div>
      {known && (
        <div class="ft last">
          <span>
            Peak 24{'\u00a0'}h <b>{percent(meter.peak24h)}</b>
          </span>
          <b class={urgency(meter.limitSeconds)} title="Time until a limit is reached">
            {untilLimit(meter.limitSeconds)}
          </b>
        </div>
      )}
    </>
  );
}

interface Props {
  meter: Meter;
  chosen: boolean;
  at: number; // Unix seconds of the figures
}

export function MeterCell({ meter, chosen, at }: Props) {
  const { word, status, reason, stale } = meter;
  // The foot says why there is no figure; the icon's title says it too.
  const quiet = status === 'HEALTHY' || (status === 'UNKNOWN' && !stale);
  return (
    <div class={`mt1${chosen ? ' chosen' : ''}${stale ? ' stale' : ''}`} data-resource={word.type}>
      <div class="top">
        <button
          type="button"
          class="nm"
          aria-pressed={chosen}
          title={chosen ? 'Show all resources' : `Show ${word.name} only`}
          onClick={() => go({ res: chosen ? '' : word.type })}
        >
          {word.name}
        </button>
        <span title={worstWords(meter)}>
          <StatusMark status={status} reason={reason} text={quiet ? false : stale ? 'Stale' : undefined} />
        </span>
      </div>
      <div class="val" title={why(meter)}>
        {percentDigits(meter.pct)}
        {meter.pct != null && <small>%</small>}
      </div>
      <Spark data={meter.spark} to={at} />
      <Bullet meter={meter} />
      <Foot meter={meter} />
    </div>
  );
}
