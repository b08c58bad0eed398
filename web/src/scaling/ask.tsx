// A question before something is done: what it will do, a reason where one is kept, how long.
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Segments } from '../ui/segments';

export interface Question {
  title: string;
  text: string;
  yes: string; // the word on the button
  reason?: boolean;
  spans?: readonly { id: string; name: string }[];
  act: (reason: string, span: string) => Promise<void>;
}

export function Ask({ question, close }: { question: Question; close: () => void }) {
  const { title, text, yes, reason: wantsReason, spans, act } = question;
  const [reason, setReason] = useState('');
  const [span, setSpan] = useState(spans?.[0]?.id ?? '');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble('');
    try {
      await act(reason.trim(), span);
      close();
    } catch (failed) {
      setTrouble(failed instanceof ApiError ? failed.message : String(failed));
      setBusy(false);
    }
  };
  return (
    <Dialog label={title} css="signd" close={close}>
      <header class="ch">
        <div class="chl">
          <h2>{title}</h2>
        </div>
        <Button kind="gh" icon="close" label="Close" onClick={close} />
      </header>
      <form class="cb ask" onSubmit={(event) => void onSubmit(event)}>
        <p>{text}</p>
        {spans && <Segments label="How long" items={spans} chosen={span} choose={setSpan} />}
        {wantsReason && (
          <label>
            Reason
            <input
              type="text"
              name="reason"
              required
              maxLength={200}
              value={reason}
              autocomplete="off"
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
        )}
        <p class="trouble" role="alert">
          {trouble}
        </p>
        <div class="acts">
          <button type="submit" class="btn pri" disabled={busy}>
            {yes}
          </button>
          <Button onClick={close}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
