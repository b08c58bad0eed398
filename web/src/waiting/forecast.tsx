import { live } from '../state/live';
import { span } from '../format/time';
import { Waiting } from './waiting';

/** "3 h 12 m of samples are kept", when the daemon has said so. */
function keptSamples(): string {
  const oldest = live.value?.status.storage.oldest;
  if (!oldest || !live.value) return '';
  const seconds = (Date.parse(live.value.summary.timestamp) - Date.parse(oldest)) / 1000;
  return ` ${span(seconds)} of samples are stored already.`;
}

export function Forecast() {
  return (
    <Waiting icon="forecast" title="Waits for the forecaster">
      <p>
        This version of Loadline does not forecast demand yet. It collects the history a forecast will need: a
        first one takes 24 hours of samples.{keptSamples()}
      </p>
    </Waiting>
  );
}
