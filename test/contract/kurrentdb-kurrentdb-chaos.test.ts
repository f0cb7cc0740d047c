import { chaosSuite, manyStreamsSuite } from '../kurrentdb/chaos-suite.ts';

chaosSuite('kurrentdb');
manyStreamsSuite('kurrentdb');
