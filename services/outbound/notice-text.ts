import { DateTime } from 'luxon';
import type { Notice } from './notice-events.ts';
import type { NoticeRules } from './notice-rules.ts';

/** Names as people say them, where the register knows them. */
export interface NoticePlace {
  compoundName: string;
  buildingName: string | undefined;
  timeZone: string;
}

const localTime = (instant: string, zone: string): string =>
  DateTime.fromISO(instant, { zone }).toFormat('yyyy-MM-dd HH:mm');

/** A notice in both languages, for a mail. */
export const noticeText = (
  { kind, priority, title, order, matter, orders, raisedAt }: Notice,
  { compoundName, buildingName, timeZone }: NoticePlace,
  { words }: Pick<NoticeRules, 'words'>,
): { subject: string; text: string } => {
  const head = (language: 'zh' | 'en'): string => [priority, words[kind][language]].filter(Boolean).join(' ');
  const where = [compoundName, buildingName].filter(Boolean).join(' · ');
  const raised = raisedAt === undefined ? undefined : localTime(raisedAt, timeZone);
  const lines = (language: 'zh' | 'en', labels: Record<'where' | 'raised' | 'order' | 'matter', string>): string[] => [
    `${head(language)}: ${title[language]}`,
    `${labels.where}: ${where}`,
    ...(raised === undefined ? [] : [`${labels.raised}: ${raised} (${timeZone})`]),
    ...(order === undefined ? [] : [`${labels.order}: ${order}`]),
    ...(matter === undefined ? [] : [`${labels.matter}: ${matter}`]),
    ...(orders ?? []).map((each) => `- ${each.priority} ${each.title[language]} (${each.order})`),
  ];
  return {
    subject: `【${head('zh')}】${title.zh} · ${title.en} – ${where}`,
    text: [
      ...lines('zh', { where: '地点', raised: '报修时间', order: '工单号', matter: '事项号' }),
      '',
      ...lines('en', { where: 'Where', raised: 'Raised at', order: 'Work order', matter: 'Matter' }),
      '',
    ].join('\n'),
  };
};
