import { chaosSuite } from '../kurrentdb/chaos-suite.ts';

chaosSuite('esdb');
