// The head of the page: what it is, whether all is well, and the sums, each a way to its panel.
import type { ComponentChildren } from 'preact';
import type { Discovery } from '../api/types';
import { count, digits, NONE, percentDigits } from '../format/number';
import { momentSeconds, span } from '../format/time';
import { STATUS } from '../format/words';
import { daemonNow } from '../state/live';
import { go, route, tz } from '../state/route';
import { placeLink } from '../shell/tab-link';
import { Icon, type IconName } from '../ui/icon';
import { COVERAGE_FLOOR_PCT, stateOf, sumsOf, verdictOf } from './model';

const OLD_SECONDS = 45; // three rounds without an answer

/** When what is shown was taken, if that is long ago. */
function Old({ data }: { data: Discovery }) {
  const age = (daemonNow.value - Date.parse(data.generated)) / 1000;
  if (!(age > OLD_SECONDS)) return null;
  return (
    <span class="warning" role="status">
      From {momentSeconds(Date.parse(data.generated), tz.value)}, {span(age)} old.
    </span>
  );
}

export function Back() {
  return (
    <a class="back" {...placeLink('overview', '', route.value)}>
      <Icon name="left" size={12} />
      Resource Overview
    </a>
  );
}

export function Verdict({ data }: { data: Discovery }) {
  const [status, sentence] = verdictOf(data, daemonNow.value);
  const css = STATUS[status].css;
  return (
    <section class="card s12" aria-label="Sources and discovery">
      <div class="verdict">
        <div class={'vi ' + css}>
          <Icon name={css as IconName} size={20} title={STATUS[status].word} />
        </div>
        <div class="vt" aria-live="polite">
          <h1>Sources and discovery</h1>
          <p>
            {sentence} <Old data={data} />
          </p>
        </div>
        <div class="va">
          <Back />
        </div>
      </div>
    </section>
  );
}

interface KpiProps {
  label: string;
  css?: string;
  small?: string;
  note: ComponentChildren;
  children: ComponentChildren;
}

function Kpi({ label, css = '', small, note, children }: KpiProps) {
  return (
    <div class="kpi">
      <div class="l">{label}</div>
      <div class={'v ' + css}>
        {children} {small && <small>{small}</small>}
      </div>
      <div class="n el">{note}</div>
    </div>
  );
}

function jump(title: string): void {
  const panel = document.querySelector<HTMLElement>(`section[aria-label="${title}"] h2`);
  panel?.setAttribute('tabindex', '-1');
  panel?.focus({ preventScroll: true });
  panel?.closest('section')?.scrollIntoView({ block: 'start' });
}

function notReady(): void {
  go({ sort: 'ready', q: '' }, 'replace');
  jump('Services found');
}

export function Sums({ data }: { data: Discovery }) {
  const { sources, services, unmatched } = data;
  const sums = sumsOf(data);
  const down = sources.filter((s) => stateOf(s, daemonNow.value).status === 'CRITICAL').length;
  const share = sums.series && sums.mapped != null ? (100 * sums.mapped) / sums.series : null;
  const waiting = sources.filter((s) => s.state === 'waiting').length;
  const others = [down && `${down} down`, waiting && `${waiting} waiting`].filter(Boolean).join(', ');
  const least = sources.find((s) => s.coverage_pct != null && s.coverage_pct === sums.coverage);
  const low = sums.coverage != null && sums.coverage < COVERAGE_FLOOR_PCT;
  return (
    <section class="card s12 kpis five" aria-label="Summary">
      <Kpi
        label="Sources up"
        css={down ? 'critical' : ''}
        small={`of ${sources.length}`}
        note={others || 'none down'}
      >
        {sums.up}
      </Kpi>
      <Kpi
        label="Services found"
        note={
          sums.short ? (
            <button type="button" class="lk" onClick={notReady}>
              {count(sums.short)} not fully ready
            </button>
          ) : (
            'none short of instances'
          )
        }
      >
        {count(services.length)}
      </Kpi>
      <Kpi
        label="Series mapped"
        small={share == null ? undefined : '%'}
        note={`${count(sums.mapped)} of ${count(sums.series)}`}
      >
        {percentDigits(share)}
      </Kpi>
      <Kpi
        label="Least coverage"
        css={low ? 'warning' : ''}
        small={sums.coverage == null ? undefined : '%'}
        note={least ? `${least.name}, of the round before` : 'No source comes in whole rounds yet'}
      >
        {sums.coverage == null ? NONE : digits(sums.coverage)}
      </Kpi>
      <Kpi
        label="Not matched"
        small={sums.unmatched == null ? undefined : 'series'}
        note={
          <button type="button" class="lk" onClick={() => jump('Not matched')}>
            {count(unmatched.length)} {unmatched.length === 1 ? 'metric' : 'metrics'}
            {sums.refused ? `, ${count(sums.refused)} series refused` : ''}
          </button>
        }
      >
        {count(sums.unmatched)}
      </Kpi>
    </section>
  );
}
