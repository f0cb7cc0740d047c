import { doubleSuite } from '../kurrentdb/double-suite.ts';
import { realServerSuite } from '../kurrentdb/real-server.ts';

// One client package for each file: the two can't be loaded in one process, and jest gives every file globals of its own.
realServerSuite('esdb');
doubleSuite('esdb', '23.10.8');
