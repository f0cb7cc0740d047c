import { expect, test } from '@jest/globals';
import { problemFor } from './problem.ts';

const coded = (code: string) => Object.assign(new Error('of the database'), { code });

test.each([
  ['nobody listens', coded('ECONNREFUSED')],
  ['the disk is full', coded('53100')],
  ['the server is being stopped', coded('57P01')],
  ['the connection broke', coded('08006')],
  ['the connection broke in mid query', new Error('Connection terminated unexpectedly')],
  ['no connection is to be had', new Error('timeout exceeded when trying to connect')],
])('a database that does not answer now is told as such: %s', (_, error) => {
  expect(problemFor(error)).toMatchObject({ status: 503, code: 'database.away' });
});

test.each([
  ['a wrong statement', coded('42601')],
  ['a defect', new TypeError('x is not a function')],
])('what is no such thing stays a failure of the hub: %s', (_, error) => {
  expect(problemFor(error)).toMatchObject({ status: 500, code: 'internal' });
});
