import { silentLogger } from '../runtime/logger.ts';
import { createStops } from './stops.ts';

test('what was started last is stopped first, and one that fails holds up no other', async () => {
  const stopped: string[] = [];
  const stops = createStops(silentLogger);
  stops.add('the log', () => void stopped.push('the log'));
  stops.add('the projections', () => Promise.reject(new Error('no')));
  stops.add('HTTP', () => void stopped.push('HTTP'));
  await stops.run();
  expect(stopped).toEqual(['HTTP', 'the log']);
});

test('whoever can not wait any longer learns what is being waited for', async () => {
  const stops = createStops(silentLogger);
  let end = (): void => undefined;
  stops.add('the projections', () => new Promise<void>((resolve) => (end = resolve)));
  stops.add('HTTP', () => undefined);
  const all = stops.run();
  await new Promise((resolve) => setImmediate(resolve));
  expect(stops.waitingFor()).toBe('the projections');
  end();
  await all;
});
