import { readFileSync } from 'node:fs';
import { loadNoticeRules, parseNoticeRules } from './notice-rules.ts';

const text = readFileSync(new URL('./notice-rules.yaml', import.meta.url), 'utf8');

test('the file that comes with the hub tells of every class', () => {
  const { rules, digest } = loadNoticeRules();
  const classes = rules.filter(({ on }) => on === 'work-order.raised').flatMap((rule) => rule.classes);
  expect([...classes, ...digest.classes].sort()).toEqual(['P0', 'P1', 'P2', 'P3']);
  const urgent = rules.find(({ id }) => id === 'urgent-raised')!;
  expect(urgent.breaksQuietHours).toBe(true);
  expect(urgent.steps.map(({ afterSeconds }) => afterSeconds).slice(0, 5)).toEqual([0, 60, 180, 480, 780]);
});

test.each([
  ['a rule twice', text.replace('id: pressing-raised', 'id: urgent-raised'), /urgent-raised is there twice/],
  ['an event that nobody says', text.replace('until: [work-order.acknowledged]', 'until: [work-order.seen]'), /until/],
  ['a channel that nobody has', text.replace('channels: [mqtt, webhook, email]', 'channels: [pigeon]'), /channels/],
  ['a role that nobody has', text.replace('role: supervisor', 'role: boss'), /tell/],
  ['steps in a wrong order', text.replace('afterSeconds: 60', 'afterSeconds: 600'), /a later step comes before/],
  ['a time that is none', text.replace('08:30', '25:00'), /HH:MM/],
  ['something else', `${text}\nmore: 1\n`, /more/],
])('refused: %s', (_, wrong, complaint) => {
  expect(() => parseNoticeRules(wrong)).toThrow(complaint);
});
