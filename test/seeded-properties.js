import { jest } from '@jest/globals';
import fc from 'fast-check';

// One number for a whole run, which jest prints with `--showSeed` and takes with `--seed`: a red run can be had again.
fc.configureGlobal({ seed: jest.getSeed() });
