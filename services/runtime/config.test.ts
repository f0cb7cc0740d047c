import { describeConfig, readConfig } from './config.ts';

const urls = (DATABASE_URL: string) => JSON.stringify(describeConfig(readConfig({ DATABASE_URL })));

test.each([
  ['plain', 'postgres://hub:s3cret@db:5432/hub', 'postgres://hub:***@db:5432/hub'],
  ['with a colon', 'postgres://hub:s3c:ret@db/hub', 'postgres://hub:***@db/hub'],
  ['with an at sign', 'postgres://hub:s3c@ret@db/hub', 'postgres://hub:***@db/hub'],
  ['with a slash', 'postgres://hub:s3c/ret@db/hub', 'postgres://hub:***@db/hub'],
  ['among the options', 'postgres://hub@db/hub?password=s3cret&a=1', 'postgres://hub@db/hub?password=***&a=1'],
])('the password of an address is not shown: %s', (_, url, shown) => {
  expect(urls(url)).toContain(`"${shown}"`);
});

test('an address without a password is shown as it is, and so is one of several servers', () => {
  expect(urls('postgres://db:5432/hub')).toContain('"postgres://db:5432/hub"');
  const shown = describeConfig(readConfig({ EVENT_LOG_URL: 'esdb://admin:s3cret@a:2113,b:2113?tls=true' }));
  expect(shown.EVENT_LOG_URL).toBe('esdb://admin:***@a:2113,b:2113?tls=true');
});
