// Tab 1: the answer first (verdict), then the evidence, then the data.
import { live } from '../state/live';
import { Activity } from './activity';
import { FleetChart } from './fleet-chart';
import { HeatMap } from './heat-map';
import { Itself } from './itself';
import { Kpis } from './kpis';
import { Loading } from './loading';
import { Meters } from './meters';
import { Top } from './top';
import { Unreachable } from './unreachable';
import { useImpatience } from './use-impatience';
import { VerdictCard } from './verdict-card';

export function Overview() {
  const late = useImpatience();
  const data = live.value;
  if (!data) return late ? <Unreachable /> : <Loading />;
  return (
    <>
      <VerdictCard data={data} />
      <Kpis data={data} />
      <Meters data={data} />
      <div class="col s8">
        <HeatMap services={data.services} />
        <FleetChart data={data} />
      </div>
      <div class="col s4">
        <Top data={data} />
        <Activity data={data} />
        <Itself status={data.status} />
      </div>
    </>
  );
}
