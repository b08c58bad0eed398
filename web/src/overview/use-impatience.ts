// Whether the first picture of the daemon is late.
import { useEffect, useState } from 'preact/hooks';

const PATIENCE_MS = 5_000;

/** True when the first snapshot is so late that waiting should be explained. */
export function useImpatience(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}
