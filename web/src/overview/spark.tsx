// A sparkline of 24 hours, 0 to 100 %, placed by time.  Where there is no data there is no line.
const WIDTH = 150;
const HEIGHT = 26;
const SPAN_SECONDS = 86_400;

/** Utilization in steps from t0, Unix seconds; it may start late and have gaps. */
export interface SparkData {
  t0: number;
  step: number;
  utilization_pct: (number | null)[];
}

type Run = [x: number, y: number][];

function runs({ t0, step, utilization_pct }: SparkData, to: number): Run[] {
  const out: Run[] = [];
  let open = false;
  utilization_pct.forEach((value, i) => {
    const x = (1 - (to - Math.min(to, t0 + i * step)) / SPAN_SECONDS) * WIDTH;
    const known = value != null && x >= 0;
    if (known) {
      const y = HEIGHT - 1.5 - (Math.min(100, Math.max(0, value)) / 100) * (HEIGHT - 3);
      if (!open) out.push([]);
      out[out.length - 1]!.push([x, y]);
    }
    open = known;
  });
  return out;
}

const path = (run: Run) => run.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

/** A single point becomes a stroke short enough to look like one. */
const visible = (run: Run): Run => (run.length > 1 ? run : [[run[0]![0] - 1, run[0]![1]], run[0]!]);

export function Spark({ data, to }: { data: SparkData | null; to: number }) {
  const lines = data ? runs(data, to).map(visible) : [];
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {lines.map((run, i) => {
        const line = path(run);
        const floor = `L${run[run.length - 1]![0].toFixed(1)} ${HEIGHT}L${run[0]![0].toFixed(1)} ${HEIGHT}Z`;
        return (
          <g key={i}>
            <path class="area" d={line + floor} />
            <path class="line" d={line} vector-effect="non-scaling-stroke" />
          </g>
        );
      })}
    </svg>
  );
}
