import { Spin } from 'antd';
import { useNotices } from '../../api/operation-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { Section } from '../records/section.tsx';
import type { OperationProps } from './operation-props.ts';
import { PlainTable } from './plain-table.tsx';

/** What people were told of orders, by which way, and what became of it. */
export function Notices({ compound }: OperationProps) {
  const { t, say, word } = useWords();
  const { go } = useRoute();
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
            notice.order === null ? (
              say(notice.title)
            ) : (
              <button
                key="order"
                type="button"
                className="link"
                onClick={() => go('orders', notice.order ?? undefined)}
              >
                {say(notice.title)}
              </button>
            ),
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
