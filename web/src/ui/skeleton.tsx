// Grey shapes of what is coming, shown only after 150 ms (the delay is in the style sheet).
export function Skeleton({ height, width = '100%' }: { height: number; width?: string }) {
  return <div class="sk" style={{ height: height + 'px', width }} />;
}
