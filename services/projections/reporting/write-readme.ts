import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeReporting } from './describe.ts';

writeFileSync(join(import.meta.dirname, 'README.md'), describeReporting());
