import { App, Spin } from 'antd';
import { useMemo, useState } from 'react';
import type { WorkOrderItem } from '../../../../services/projections/work-order-board/board.ts';
import type { CommandName, Me } from '../../api/answers.ts';
import { useOrders, useOrdersOfPerson, usePauseReasons } from '../../api/order-queries.ts';
import { useLiveState } from '../../live/live-context.tsx';
import { useWords } from '../../locales/i18n.ts';
import { sortOrders } from '../../orders/order-list.ts';
import { usePeople } from '../../orders/use-people.ts';
import { useOutbox } from '../../outbox/use-outbox.ts';
import { shrinkPhoto } from '../../photos/shrink-photo.ts';
import { readPerson, writePerson } from '../../settings/settings.ts';
import { useCompound } from '../../shell/compound-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { PhoneCard } from './phone-card.tsx';
import { PhoneFrame } from './phone-frame.tsx';
import { PhoneSheet, type SheetCommand } from './phone-sheet.tsx';
import { asTold, offeredOf, onlyToRead, type PhoneOrder, withWaiting } from './phone-steps.ts';
import '../../styles/phone.css';

const asksFor = (name: CommandName): name is SheetCommand =>
  name === 'resolve' || name === 'pause' || name === 'return';

const defaultZone = 'Asia/Shanghai';

/** Nothing to do is only told as such while the page can know it. */
function NothingMine() {
  const { t } = useWords();
  const { status } = useLiveState();
  return (
    <p className={status === 'open' ? 'nothing-open' : 'nothing-open no-data'} data-testid="phone-nothing">
      {status === 'open' ? t('phone.nothing') : t('now.unknown')}
    </p>
  );
}

interface Doing {
  run(order: WorkOrderItem, name: CommandName): void;
  photo(order: WorkOrderItem, file: File): void;
  dismiss(id: number): void;
}

function Cards({ label, orders, doing }: { label: string; orders: PhoneOrder[]; doing: Doing }) {
  const { selected, zoneOf } = useCompound();
  return (
    <ul className="phone-list" aria-label={label}>
      {orders.map((shown) => (
        <PhoneCard
          key={shown.order.id}
          shown={shown}
          zone={zoneOf(shown.order.compound)}
          withCompound={selected === undefined}
          onStep={(name) => doing.run(shown.order, name)}
          onPhoto={(file) => doing.photo(shown.order, file)}
          onDismiss={doing.dismiss}
        />
      ))}
    </ul>
  );
}

/** By what name orders come to whoever holds this telephone. */
function usePerson(user: string): [string, (name: string) => void] {
  const [person, setPerson] = useState(() => readPerson(localStorage, user) ?? user);
  return [
    person,
    (name) => {
      writePerson(localStorage, user, name);
      setPerson(name);
    },
  ];
}

/** The steward's (楼宇管家) own orders, and one step after another with one thumb. */
export function PhonePage({ me }: { me: Me }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const { selected, compounds } = useCompound();
  const [person, setPerson] = usePerson(me.user);
  const [sheet, setSheet] = useState<{ command: SheetCommand; order: WorkOrderItem } | null>(null);
  const names = useMemo(() => [...new Set([me.user, person])], [me.user, person]);
  const people = usePeople(selected?.id);
  const mine = useOrdersOfPerson(selected?.id, names);
  const open = useOrders(selected?.id, 'open');
  const reasons = usePauseReasons(true).data ?? [];
  const zone = (selected ?? compounds[0])?.timeZone ?? defaultZone;
  const { waiting, told, add, dismiss } = useOutbox(me.user, zone);
  const canAct = me.role === 'operator' || me.role === 'admin';

  const shown = withWaiting(sortOrders(asTold(mine.data ?? [], told, names)), waiting).map((one) =>
    canAct ? one : onlyToRead(one),
  );
  const doing: Doing = {
    run(order, name) {
      if (asksFor(name)) setSheet({ command: name, order });
      else add(order.id, { kind: 'command', name, body: name === 'grab' ? { assignee: person } : {} });
    },
    photo(order, file) {
      const shows = order.state === 'on-site' || order.state === 'resolved' ? 'after' : 'before';
      shrinkPhoto(file).then(
        (data) => add(order.id, { kind: 'photo', photo: { data, shows } }),
        () => message.error(t('photo.unreadable')),
      );
    },
    dismiss,
  };
  const offered = canAct ? offeredOf(open.data?.items ?? [], waiting) : [];

  return (
    <PhoneFrame me={me} person={person} people={people} zone={zone} onPerson={setPerson}>
      {mine.isPending && <Spin className="page-spin" delay={300} />}
      {mine.isError && mine.data === undefined && (
        <ProblemNote error={mine.error} onRetry={() => void mine.refetch()} />
      )}
      {!canAct && <p className="order-note">{t('records.viewerOnly')}</p>}
      {mine.data !== undefined && shown.length === 0 && <NothingMine />}
      <Cards label={t('phone.mine')} orders={shown} doing={doing} />
      {offered.length > 0 && (
        <>
          <h2 className="phone-section">{t('phone.offered')}</h2>
          <Cards label={t('phone.offered')} orders={offered} doing={doing} />
        </>
      )}
      {sheet !== null && (
        <PhoneSheet
          command={sheet.command}
          order={sheet.order}
          reasons={reasons}
          onClose={() => setSheet(null)}
          onSend={(body) => {
            add(sheet.order.id, { kind: 'command', name: sheet.command, body });
            setSheet(null);
          }}
        />
      )}
    </PhoneFrame>
  );
}
