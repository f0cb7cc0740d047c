import { alarmStep, silence } from './alarm-schedule.ts';

test('at once, then every minute, at once for another, never when none stands', () => {
  const heard: number[] = [];
  let memory = silence;
  const at = (seconds: number, sounding: string[]) => {
    const step = alarmStep(memory, sounding, seconds * 1000);
    memory = step.memory;
    if (step.sound) heard.push(seconds);
  };
  at(0, []);
  at(1, ['a']);
  at(2, ['a']);
  at(60, ['a']);
  at(61, ['a']);
  at(70, ['a', 'b']);
  at(80, ['b']);
  at(130, ['b']);
  at(140, []);
  at(141, ['b']);
  expect(heard).toEqual([1, 61, 70, 130, 141]);
});
