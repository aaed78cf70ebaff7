// The way out: Customer.io reports message activity by webhook, and it arrives at Segment as an event.

import { useState } from 'preact/hooks';
import { sendJson } from './api';
import { count } from './format';
import { JsonView } from './json-view';
import { Problem } from './problem';
import { hrefOf } from './route';
import { Select } from './select';
import { Text } from './text';
import { Time } from './time';
import { usePolled } from './use-polled';

interface Webhook {
  readonly event_id: string;
  readonly object_type: string;
  readonly metric: string;
  readonly attempts: number;
  readonly status: number;
  readonly delivered: boolean;
}

interface Arrived {
  readonly messageId?: string;
  readonly event?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly timestamp?: string;
}

interface Reporting {
  readonly webhooks: readonly Webhook[];
  readonly arrived: readonly Arrived[];
}

const TYPES = ['email', 'push', 'in_app', 'sms', 'slack', 'webhook', 'whatsapp', 'customer'];
const METRICS = [
  'sent',
  'delivered',
  'opened',
  'clicked',
  'converted',
  'bounced',
  'dropped',
  'failed',
  'unsubscribed',
];

export const ReportingPage = () => {
  const { value, problem, readNow } = usePolled<Reporting>('reporting');
  return (
    <section class="main-part is-scrolled">
      <header class="bar">
        <div class="bar-line">
          <h1>Reporting</h1>
        </div>
        <p class="note">
          Customer.io's stand-in reports message activity to your endpoint, signed as the real one signs;
          Segment's stand-in gets it as an event.
        </p>
        <Report onSent={readNow} />
      </header>
      <Problem text={problem} />
      <div class="reports">
        <Webhooks webhooks={value?.webhooks ?? []} />
        <ArrivedEvents events={value?.arrived ?? []} />
      </div>
    </section>
  );
};

const Report = ({ onSent }: { readonly onSent: () => void }) => {
  const [objectType, setObjectType] = useState('email');
  const [metric, setMetric] = useState('opened');
  const [id, setId] = useState('');
  const [said, setSaid] = useState('');
  const send = async (): Promise<void> => {
    const who = id === '' ? {} : { identifiers: { id } };
    try {
      await sendJson('POST', 'reporting', { object_type: objectType, metric, ...who });
      setSaid('Reported');
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
    onSent();
  };
  return (
    <div class="send">
      <Select label="Type" value={objectType} of={TYPES} onChange={setObjectType} />
      <Select label="Metric" value={metric} of={METRICS} onChange={setMetric} />
      <label class="field">
        <span>Person's id</span>
        <input
          class="text"
          placeholder="the newest person"
          value={id}
          onInput={({ currentTarget }) => setId(currentTarget.value)}
        />
      </label>
      <button type="button" class="button is-main" onClick={() => void send()}>
        Report
      </button>
      <output>{said}</output>
    </div>
  );
};

const Webhooks = ({ webhooks }: { readonly webhooks: readonly Webhook[] }) => (
  <section>
    <h2>
      Reported by Customer.io <span class="quiet">{count(webhooks.length)}</span>
    </h2>
    <ul class="attributes">
      {webhooks.map((webhook) => (
        <li key={webhook.event_id}>
          <span class={webhook.delivered ? 'chip fate-delivered' : 'chip fate-retried'}>
            {webhook.delivered ? 'taken' : 'waiting'}
          </span>{' '}
          <Text of={webhook.object_type} /> <Text of={webhook.metric} />{' '}
          <span class="quiet">
            answered {webhook.status || 'nothing'}, attempt {webhook.attempts}
          </span>{' '}
          <a href={hrefOf('events', '', { q: webhook.event_id })}>its way</a>
        </li>
      ))}
    </ul>
  </section>
);

const ArrivedEvents = ({ events }: { readonly events: readonly Arrived[] }) => (
  <section>
    <h2>
      Arrived at Segment <span class="quiet">{count(events.length)}</span>
    </h2>
    <ul class="attributes">
      {events.map((event) => (
        <li key={event.messageId}>
          <details>
            <summary>
              <Text of={event.event} /> · <Text of={event.userId ?? event.anonymousId} /> ·{' '}
              {event.timestamp !== undefined && <Time at={Date.parse(event.timestamp)} />}
            </summary>
            <JsonView value={event} />
          </details>
        </li>
      ))}
    </ul>
  </section>
);
