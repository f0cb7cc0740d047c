import { notarySuite } from '../kurrentdb/notary-suite.ts';
import { startSuite } from '../kurrentdb/start-suite.ts';

notarySuite('kurrentdb');
startSuite('kurrentdb');
