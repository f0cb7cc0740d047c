import { Spin } from 'antd';
import type { NoticeItem } from '../../../../services/outbound/notice-queries.ts';
import { useNotices } from '../../api/operation-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';
import { PlainTable } from './plain-table.tsx';

/** Leads to the order or the matter; a digest is of many. */
function NoticeTitle({ notice: { order, matter, title } }: { notice: NoticeItem }) {
  const { say } = useWords();
  const { go } = useRoute();
  const id = order ?? matter;
  if (id === null) return say(title);
  return (
    <button type="button" className="link" onClick={() => go(order === null ? 'matters' : 'orders', id)}>
      {say(title)}
    </button>
  );
}

/** What people were told of orders, by which way, and what became of it. */
export function Notices({ compound }: OperationProps) {
  const { t, word } = useWords();
  const { data, error, isPending, refetch } = useNotices(compound.id);
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (data === undefined) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return (
    <Section title={t('operations.section.notices')}>
      <PlainTable
        label={t('operations.section.notices')}
        testId="notice-row"
        none={t('notice.none')}
        columns={[t('notice.at'), t('notice.what'), t('notice.person'), t('notice.channel'), t('notice.stateTitle')]}
        lines={data.map((notice) => ({
          key: `${notice.notice} ${notice.person} ${notice.channel}`,
          cells: [
            <When key="at" at={notice.issuedAt} zone={compound.timeZone} />,
            <NoticeTitle key="title" notice={notice} />,
            notice.person === '*' ? t('notice.everybody') : notice.person,
            word('noticeChannel', notice.channel),
            <span key="state" className={notice.state === 'failed' ? 'is-bad' : ''}>
              {t(`notice.state.${notice.state}`)} {notice.state !== 'sent' && notice.outcome}
            </span>,
          ],
        }))}
      />
    </Section>
  );
}
