// What came live while a chart is open: the part of the line its history does not have yet.
import { useRef } from 'preact/hooks';
import type { LivePoint } from './history';

const KEPT_SECONDS = 120; // histories are asked for again well within this

/** The live points of the last two minutes; a new key starts again. */
export function useTail(key: string, at: number, values: LivePoint['values']): LivePoint[] {
  const tail = useRef<{ key: string; points: LivePoint[] }>({ key, points: [] });
  if (tail.current.key !== key) tail.current = { key, points: [] };
  const { points } = tail.current;
  const last = points[points.length - 1];
  if (Number.isFinite(at) && (!last || at > last.at)) {
    const kept = points.filter((point) => point.at > at - KEPT_SECONDS);
    tail.current.points = [...kept, { at, values }];
  }
  return tail.current.points;
}
