import { Button, Spin } from 'antd';
import { useState } from 'react';
import type { MatterDetail as Matter } from '../../../../services/projections/matters/shapes.ts';
import type { Me } from '../../api/answers.ts';
import { type MatterCommand, useLadder, useMatter, useMatterCommand } from '../../api/matter-queries.ts';
import { useMe } from '../../api/queries.ts';
import { AskDialog } from '../../forms/ask-dialog.tsx';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { PriorityMark } from '../../orders/priority-mark.tsx';
import { useRoute } from '../../route-context.tsx';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { CardMark } from './card-mark.tsx';
import { LadderLine } from './ladder-line.tsx';
import { MatterClocks } from './matter-clocks.tsx';
import { hasPart, isNextStep, isPartOf, matterBody, matterCommandOrder, matterFields } from './matter-fields.ts';
import { MatterTimeline } from './matter-timeline.tsx';
import { WhistleTable } from './whistle-table.tsx';

function MatterDialog({
  name,
  matter,
  zone,
  onClose,
}: {
  name: MatterCommand;
  matter: Matter;
  zone: string;
  onClose: () => void;
}) {
  const { t, say } = useWords();
  const { departments = [] } = useLadder().data ?? {};
  const command = useMatterCommand(matter.id);
  const context = {
    t: (key: string) => t(key),
    ...{ say, matter, own: useMe().data?.department ?? null },
    departments: departments.map(({ id, title }) => ({ value: id, label: say(title) })),
  };
  return (
    <AskDialog
      command={name}
      title={t(`matter.action.${name}`)}
      about={say(matter.title)}
      okText={t(`matter.action.${name}`)}
      fieldsOf={(values) => matterFields(name, { ...context, values })}
      pending={command.isPending}
      error={command.error}
      onSubmit={(values, fields) =>
        command.mutate({ name, body: matterBody(name, fields, values, zone), fields }, { onSuccess: onClose })
      }
      onClose={onClose}
    />
  );
}

function Head({ matter, zone }: { matter: Matter; zone: string }) {
  const { t, say } = useWords();
  const { go } = useRoute();
  return (
    <header>
      <div className="order-detail-top">
        {matter.priority !== null && <PriorityMark priority={matter.priority} />}
        <span className="state" data-testid="matter-state" data-state={matter.state}>
          {t(`matter.state.${matter.state}`)}
        </span>
        {matter.cards.map(({ colour, clock, dueAt }) => (
          <CardMark key={`${colour}${clock}${dueAt}`} colour={colour} />
        ))}
        <span className="quiet order-number">{matter.id}</span>
      </div>
      <h2>{say(matter.title)}</h2>
      <p className="order-place">{[matter.street, matter.compoundName].filter((part) => part !== null).join(' · ')}</p>
      {matter.text !== null && <p>{matter.text}</p>}
      <p className="quiet">
        {t(`matter.cause.${matter.cause}`)} · <When at={matter.referredAt} zone={zone} />
        {matter.supervisedFor !== null && ` · ${t(`matter.supervisedFor.${matter.supervisedFor}`)}`}
        {matter.outcome !== null && ` · ${t(`matter.outcome.${matter.outcome}`)}`}
      </p>
      {matter.meeting !== null && (
        <p>
          {t('matter.meetingAt')} <When at={matter.meeting.plannedFor} zone={zone} />
        </p>
      )}
      {matter.orders.length > 0 && (
        <p className="lines">
          {t('matter.orders')}{' '}
          {matter.orders.map((order) => (
            <button key={order} type="button" className="link matter-order" onClick={() => go('orders', order)}>
              {order}
            </button>
          ))}
        </p>
      )}
    </header>
  );
}

/** One matter: where on the ladder, whose clock, what papers there are, and what its state allows this person. */
export function MatterDetail({ id, role }: { id: string; role: Me['role'] }) {
  const { t } = useWords();
  const { zoneOf } = useCompound();
  const [asking, setAsking] = useState<MatterCommand | null>(null);
  const own = useMe().data?.department ?? null;
  const { data: matter, error, isPending, refetch } = useMatter(id);
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (matter === undefined) return <ProblemNote error={error ?? new Error(id)} onRetry={() => void refetch()} />;
  const zone = zoneOf(matter.compound);
  const allowed = matterCommandOrder.filter(
    (name) => matter.allowed.includes(name) && isPartOf(role, name) && hasPart(name, matter, own),
  );
  return (
    <article className="order-detail" data-testid="matter-detail" data-matter={matter.id}>
      <Head matter={matter} zone={zone} />
      <LadderLine matter={matter} />
      <MatterClocks matter={matter} zone={zone} />
      {allowed.length > 0 && (
        <div className="action-bar" role="toolbar" aria-label={t('action.bar')}>
          {allowed.map((name, index) => (
            <Button
              key={name}
              type={index === 0 && isNextStep(name) ? 'primary' : 'default'}
              data-testid={`matter-${name}`}
              onClick={() => setAsking(name)}
            >
              {t(`matter.action.${name}`)}
            </Button>
          ))}
        </div>
      )}
      <WhistleTable matter={matter} zone={zone} />
      <MatterTimeline matter={matter} zone={zone} />
      {asking !== null && (
        <MatterDialog key={asking} name={asking} matter={matter} zone={zone} onClose={() => setAsking(null)} />
      )}
    </article>
  );
}
