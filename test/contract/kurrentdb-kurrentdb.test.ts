import { doubleSuite } from '../kurrentdb/double-suite.ts';
import { realServerSuite } from '../kurrentdb/real-server.ts';

// One client package for each file: the two can't be loaded in one process, and jest gives every file globals of its own.
realServerSuite('kurrentdb');
doubleSuite('kurrentdb', '23.10.8');
doubleSuite('kurrentdb', '25.1.0');
doubleSuite('kurrentdb', '26.1.0');
