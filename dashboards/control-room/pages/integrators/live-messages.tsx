import { Select } from 'antd';
import { useEffect, useState } from 'react';
import type { DeviceItem } from '../../../../services/api/schemas.ts';
import type { HeardMessage } from '../../../../services/ingest/listening.ts';
import { messagesPath } from '../../api/integrator-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useRoute } from '../../route-context.tsx';
import { Section } from '../records/section.tsx';
import { ExplainedEvents, Outcome } from './explained.tsx';

const shownMax = 50;

interface Heard {
  status: 'connecting' | 'open' | 'reconnecting';
  /** Newest first. */
  messages: (HeardMessage & { key: number })[];
}

/** A device's messages as they come; the browser itself takes up a stream that broke. */
function useMessages(device: string | undefined): Heard {
  const [heard, setHeard] = useState<Heard>({ status: 'connecting', messages: [] });
  useEffect(() => {
    setHeard({ status: 'connecting', messages: [] });
    if (device === undefined) return;
    let count = 0;
    const source = new EventSource(messagesPath(device));
    source.onopen = () => setHeard(({ messages }) => ({ status: 'open', messages }));
    source.onerror = () => setHeard(({ messages }) => ({ status: 'reconnecting', messages }));
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      count += 1;
      const message = { ...(JSON.parse(data) as HeardMessage), key: count };
      setHeard(({ status, messages }) => ({ status, messages: [message, ...messages].slice(0, shownMax) }));
    });
    return () => source.close();
  }, [device]);
  return heard;
}

/** What a device or gateway says, while somebody looks; nothing is kept of it. */
export function LiveMessages({ devices, zone }: { devices: readonly DeviceItem[]; zone: string }) {
  const { t } = useWords();
  const { id, adjust } = useRoute();
  const { status, messages } = useMessages(id);
  return (
    <Section title={t('integrator.live')} hint={t('integrator.liveHint')}>
      <Select
        className="choose-device"
        data-testid="listen-to"
        aria-label={t('integrator.listenTo')}
        placeholder={t('integrator.listenTo')}
        value={id}
        showSearch={{ optionFilterProp: 'label' }}
        options={devices.map((device) => ({ value: device.id, label: `${device.name} (${device.id})` }))}
        onChange={(next: string) => adjust({ id: next })}
      />
      {id !== undefined && (
        <p className="quiet" role="status">
          {t(`live.${status}`)} {messages.length === 0 && t('integrator.silentYet')}
        </p>
      )}
      <ol className="record-list">
        {messages.map((message) => (
          <li key={message.key} data-testid="live-message">
            <span className="record-head">
              <When at={message.at} zone={zone} /> <code>{message.topic}</code>
            </span>
            <Outcome explained={message} />
            <details>
              <summary>{t('integrator.details', { n: message.payload.sizeBytes })}</summary>
              <pre className="message-text">{message.payload.text ?? message.payload.hex}</pre>
              <ExplainedEvents events={message.events} />
            </details>
          </li>
        ))}
      </ol>
    </Section>
  );
}
