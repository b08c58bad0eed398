// What no rule could place, why, and the rule to start from.
import { useState } from 'preact/hooks';
import type { Discovery, Unmatched } from '../api/types';
import { count } from '../format/number';
import { narrow } from '../state/prefs';
import { Card } from '../ui/card';
import { Empty } from '../ui/empty';
import { Find } from '../ui/find';
import { Pager, pageWithin } from '../ui/pager';
import { copyText } from '../ui/share';
import { onlyHost } from './model';
import { mappingRule } from './rule';

const PAGE = 25;

function Row({ row }: { row: Unmatched }) {
  return (
    <tr>
      <th scope="row">
        <span class="mono metric">{row.metric}</span>
        <span class="mono example">{row.example}</span>
        <p class="mob note">
          {count(row.series)} series of {row.source}: {row.reason}
        </p>
      </th>
      <td class="r desk">{count(row.series)}</td>
      <td class="desk why">{row.reason}</td>
      <td class="desk src">{row.source}</td>
      <td class="r">
        <button type="button" class="btn sm" onClick={() => copyText(mappingRule(row), 'Mapping rule')}>
          {narrow.value ? 'Copy rule' : 'Copy a mapping rule'}
          <span class="sr"> for {row.metric}</span>
        </button>
      </td>
    </tr>
  );
}

export function UnmatchedTable({ data }: { data: Discovery }) {
  const [page, setPage] = useState(0);
  const [filter, setFilter] = useState('');
  const all = data.unmatched;
  const word = filter.toLowerCase();
  const wanted = all.filter((u) =>
    `${u.metric} ${u.example} ${u.reason} ${u.source}`.toLowerCase().includes(word),
  );
  const at = pageWithin(page, PAGE, wanted.length);
  return (
    <Card
      title="Not matched"
      sub={
        all.length
          ? `${count(all.length)} ${all.length === 1 ? 'metric' : 'metrics'}, most series first`
          : undefined
      }
      css="s12"
      controls={
        all.length > 0 && (
          <Find
            label="Filter what was not matched"
            value={filter}
            change={(text) => {
              setFilter(text);
              setPage(0);
            }}
          />
        )
      }
      foot={
        all.length > 0 && (
          <span>
            One rule corrects many. Put it below <code class="mono">mapping:</code> in the configuration, see
            what it would change with <code class="mono">loadline check mapping</code>, then reload.
          </span>
        )
      }
    >
      {wanted.length > 0 && (
        <div class="sx">
          <table class="unm">
            <thead>
              <tr>
                <th scope="col">Metric and an example</th>
                <th scope="col" class="r desk">
                  Series
                </th>
                <th scope="col" class="desk">
                  Why
                </th>
                <th scope="col" class="desk">
                  Source
                </th>
                <th scope="col">
                  <span class="sr">Rule</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {wanted.slice(at * PAGE, (at + 1) * PAGE).map((row) => (
                <Row key={`${row.source} ${row.metric} ${row.reason}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!all.length && (
        <Empty icon="check" title={onlyHost(data) ? 'Nothing to match yet' : 'Everything was matched'}>
          <p>
            {onlyHost(data)
              ? 'Series of other sources that no rule can place are listed here, with the reason.'
              : 'Every series that came belongs to a service, or a rule leaves it out on purpose.'}
          </p>
        </Empty>
      )}
      {all.length > 0 && !wanted.length && (
        <p class="none mut" role="status">
          Nothing of that has “{filter}” in it.
        </p>
      )}
      <Pager what="Metrics" page={at} size={PAGE} total={wanted.length} turn={setPage} />
    </Card>
  );
}
