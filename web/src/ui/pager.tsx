// Which part of a long list is shown, and the way to the next.
import { count } from '../format/number';
import { Button } from './button';

interface Props {
  what: string; // "Services"
  page: number;
  size: number;
  total: number;
  turn: (page: number) => void;
}

/** The page that is shown when page is wanted of so many. */
export const pageWithin = (page: number, size: number, total: number) =>
  Math.min(page, Math.max(0, Math.ceil(total / size) - 1));

export function Pager({ what, page, size, total, turn }: Props) {
  if (total <= size) return null;
  return (
    <div class="pager">
      <Button kind="sm" onClick={() => turn(Math.max(0, page - 1))}>
        Previous
      </Button>
      <span>
        {what} {page * size + 1} to {Math.min(total, (page + 1) * size)} of {count(total)}
      </span>
      <Button kind="sm" onClick={() => turn(pageWithin(page + 1, size, total))}>
        Next
      </Button>
    </div>
  );
}
