import { Waiting } from './waiting';

export function Cost() {
  return (
    <Waiting icon="cost" title="Waits for prices">
      <p>
        This version of Loadline does not read price books yet, so it knows no costs and shows none. The
        utilisation it records now will be priced for past days too.
      </p>
    </Waiting>
  );
}
