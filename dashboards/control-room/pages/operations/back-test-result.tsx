import type { BackTest } from '../../../../services/work-orders/fault-back-test.ts';
import { useWords } from '../../locales/i18n.ts';
import { When } from '../../locales/when.tsx';
import { PlainTable } from './plain-table.tsx';

const classes = ['P0', 'P1', 'P2', 'P3'];

const difference = (count: number): string => (count > 0 ? `+${count}` : `−${-count}`);

/** What the draft would have raised beside the policy in force and what was really raised, and for which rules it differs. */
export function BackTestResult({ result, zone }: { result: BackTest; zone: string }) {
  const { t, say } = useWords();
  const { proposed, current, raised } = result;
  const lines = [
    { key: 'proposed', counts: proposed, quietened: proposed },
    { key: 'current', counts: current, quietened: current },
    { key: 'raised', counts: raised, quietened: null },
  ];
  const rules = [...new Set([...Object.keys(proposed.byRule), ...Object.keys(current.byRule)])]
    .map((rule) => ({ rule, before: current.byRule[rule] ?? 0, after: proposed.byRule[rule] ?? 0 }))
    .filter(({ before, after }) => before !== after)
    .sort((left, right) => Math.abs(right.after - right.before) - Math.abs(left.after - left.before));
  return (
    <div className="record-section" data-testid="back-test-result">
      {!result.complete && <p className="is-bad">{t('policy.incomplete')}</p>}
      <PlainTable
        label={t('policy.result')}
        testId="back-test-row"
        none=""
        columns={[t('policy.column.of'), t('policy.column.orders'), ...classes, t('policy.column.kept')]}
        lines={lines.map(({ key, counts, quietened }) => ({
          key,
          cells: [
            t(`policy.line.${key}`),
            String(counts.orders),
            ...classes.map((name) => String(counts.byClass[name] ?? 0)),
            quietened === null ? '–' : String(quietened.covered + quietened.folded + quietened.suppressed),
          ],
        }))}
      />
      <h3>{t('policy.differences')}</h3>
      <PlainTable
        label={t('policy.differences')}
        testId="rule-difference"
        none={t('policy.noDifferences')}
        columns={[t('policy.column.rule'), t('policy.line.current'), t('policy.line.proposed'), '±']}
        lines={rules.map(({ rule, before, after }) => ({
          key: rule,
          cells: [rule, String(before), String(after), difference(after - before)],
        }))}
      />
      {proposed.examples.length > 0 && (
        <details>
          <summary>{t('policy.examples', { n: proposed.examples.length })}</summary>
          <ul>
            {proposed.examples.map(({ at, rule, device, title, class: priority }) => (
              <li key={`${at} ${rule} ${device}`}>
                <When at={at} zone={zone} /> {priority} {say(title)} {device} <span className="quiet">{rule}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
