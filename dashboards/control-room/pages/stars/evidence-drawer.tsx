import { DownloadOutlined } from '@ant-design/icons';
import { Button, Drawer, Spin } from 'antd';
import type { CriterionResult, Rating } from '../../../../services/projections/star-rating/rating.ts';
import type { RatingView } from '../../api/star-answers.ts';
import { type EvidenceOf, evidenceBundleAddress, evidenceCsvAddress, useEvidence } from '../../api/star-queries.ts';
import { useWords } from '../../locales/i18n.ts';
import { absoluteTime } from '../../locales/instant.ts';
import { useRoute } from '../../route-context.tsx';
import { ProblemNote } from '../../shell/problem-note.tsx';
import { EvidenceItemView } from './evidence-item.tsx';
import { countsText, pointsText } from './star-groups.ts';
import { Thresholds } from './thresholds.tsx';
import { useAmount } from './use-amount.ts';
import { VerdictMark } from './verdict-mark.tsx';

function Summary({ criterion, target }: { criterion: CriterionResult; target: number }) {
  const { t, say } = useWords();
  const amount = useAmount();
  const counts = countsText(criterion);
  const { value, unit, verdict, control, points, pointsMax, explanation } = criterion;
  return (
    <section className="evidence-summary" aria-label={t('evidence.summary')}>
      <p className="evidence-figures">
        <VerdictMark verdict={verdict} />
        <strong className="evidence-number">
          {value === null ? <span className="no-data">{t('stars.noValue')}</span> : amount(value, unit)}
        </strong>
        {counts !== '' && <span className="quiet">{counts}</span>}
        <Thresholds criterion={criterion} target={target} />
      </p>
      <p data-testid="evidence-explanation">{say(explanation)}</p>
      {!control && criterion.pointsLost > 0 && (
        <p>
          {t('stars.pointsLost', {
            lost: pointsText(criterion.pointsLost),
            points: pointsText(points),
            max: pointsText(pointsMax),
          })}
        </p>
      )}
    </section>
  );
}

function Downloads({ of }: { of: EvidenceOf }) {
  const { t } = useWords();
  return (
    <p className="evidence-downloads">
      <Button icon={<DownloadOutlined />} href={evidenceCsvAddress(of)} download data-testid="evidence-csv">
        {t('evidence.csv')}
      </Button>
      <Button icon={<DownloadOutlined />} href={evidenceBundleAddress(of)} download data-testid="evidence-bundle">
        {t('evidence.bundle')}
      </Button>
      <span className="quiet small">{t('evidence.bundleHint')}</span>
    </p>
  );
}

function Contributions({ of, criterion, zone }: { of: EvidenceOf; criterion: CriterionResult; zone: string }) {
  const { t } = useWords();
  const { go } = useRoute();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useEvidence(of);
  if (isPending) return <Spin className="page-spin" delay={300} />;
  if (error !== null) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  const [first] = data.pages;
  const items = data.pages.flatMap((page) => page.items);
  if (first === undefined) return null;
  return (
    <section aria-labelledby="contributions-title">
      <h3 id="contributions-title">{t('evidence.contributions')}</h3>
      <p className="quiet small">
        {t('evidence.window', { from: absoluteTime(first.window.from, zone) })}
        {' · '}
        {t('evidence.asOf', { at: absoluteTime(first.at, zone) })}
      </p>
      {items.length === 0 && <p className="no-data">{t('evidence.nothing')}</p>}
      {criterion.verdict === 'no-evidence' && (
        <p>
          <button type="button" className="link" data-testid="enter-records" onClick={() => go('records')}>
            {t('evidence.enterRecords')}
          </button>
        </p>
      )}
      <ol className="evidence-items">
        {items.map((item) => (
          <EvidenceItemView
            key={`${item.subject.kind} ${item.subject.id}`}
            item={item}
            // The events of the same instant as the number, whatever comes in meanwhile.
            of={{ ...of, view: { ...of.view, at: first.at } }}
            criterion={criterion}
            window={first.window}
            zone={zone}
          />
        ))}
      </ol>
      {hasNextPage && (
        <Button loading={isFetchingNextPage} data-testid="evidence-more" onClick={() => void fetchNextPage()}>
          {t('evidence.more')}
        </Button>
      )}
    </section>
  );
}

/** Why a criterion has the value it has: contributions, their time, the events beneath. */
export function EvidenceDrawer({
  rating,
  view,
  criterionId,
  zone,
  onClose,
}: {
  rating: Rating;
  view: RatingView;
  criterionId: string | undefined;
  zone: string;
  onClose: () => void;
}) {
  const { t, say } = useWords();
  const criterion = rating.criteria.find(({ id }) => id === criterionId);
  return (
    <Drawer
      open={criterion !== undefined}
      onClose={onClose}
      size={640}
      mask={false}
      // Within the page: the header with the freshness stays in sight.
      getContainer={false}
      rootStyle={{ position: 'absolute' }}
      destroyOnHidden
      title={criterion === undefined ? t('evidence.title') : `${criterion.id} ${say(criterion.title)}`}
      data-testid="evidence-drawer"
    >
      {criterion !== undefined && (
        <article className="evidence" data-testid="evidence" data-criterion={criterion.id} key={criterion.id}>
          <Summary criterion={criterion} target={rating.targetStars} />
          <Downloads of={{ compound: rating.compound, criterion: criterion.id, view }} />
          <Contributions
            of={{ compound: rating.compound, criterion: criterion.id, view }}
            criterion={criterion}
            zone={zone}
          />
        </article>
      )}
    </Drawer>
  );
}
