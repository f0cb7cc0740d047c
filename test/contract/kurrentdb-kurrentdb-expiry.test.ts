import { expirySuite } from '../kurrentdb/expiry-suite.ts';
import { sealedPartsSuite } from '../kurrentdb/sealed-parts-suite.ts';

expirySuite('kurrentdb');
sealedPartsSuite('kurrentdb');
