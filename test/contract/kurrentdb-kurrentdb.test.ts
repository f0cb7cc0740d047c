import { realServerSuite } from '../kurrentdb/real-server.ts';

// One client package for each file: the two can't be loaded in one process, and jest gives every file globals of its own.
realServerSuite('kurrentdb');
