import { kurrentProofSuite } from '../kurrentdb/proof-suite.ts';

kurrentProofSuite('esdb');
