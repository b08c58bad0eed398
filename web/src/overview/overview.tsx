// Tab 1: the answer first (verdict), then the evidence, then the data.
import { useEffect, useState } from 'preact/hooks';
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
import { VerdictCard } from './verdict-card';

const PATIENCE_MS = 5_000;

/** True when the first snapshot is so late that waiting should be explained. */
function useImpatience(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}

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
