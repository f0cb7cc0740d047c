import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { tellFailures } from './tell-failures.ts';

const teller = () => {
  const lines: [string, number][] = [];
  const state = { nowMs: 0 };
  const write = (line: string): void => {
    const { msg, leftOut } = JSON.parse(line) as { msg: string; leftOut: number };
    lines.push([msg, leftOut]);
  };
  return { lines, state, tell: tellFailures(pino({ base: null }, { write }), { now: () => state.nowMs }) };
};

test('of what fails alike one line is written in ten seconds, with how many were left out', () => {
  const { lines, state, tell } = teller();
  for (let device = 0; device < 1_000; device += 1) tell(new Error('no space left'), 'MQTT: publishing');
  tell(new Error('fenced'), 'MQTT: publishing');
  tell(new Error('no space left'), 'MQTT: publishing a will');
  state.nowMs = 10_000;
  tell(new Error('no space left'), 'MQTT: publishing');
  expect(lines).toEqual([
    ['MQTT: publishing', 0],
    ['MQTT: publishing', 0],
    ['MQTT: publishing a will', 0],
    ['MQTT: publishing', 999],
  ]);
});

test('what is always another error is written each time, and takes no more room than a hundred', () => {
  const { lines, tell } = teller();
  for (let number = 0; number < 250; number += 1) tell(new Error(`number ${number}`), 'MQTT: publishing');
  expect(lines).toHaveLength(250);
});
