// Written by devices/generate-registries.ts from the folder: run `npx tsx devices/generate-registries.ts`.
import type { Kind } from '../kind.ts';
import { accessGate } from './access-gate/contract.ts';
import { camera } from './camera/contract.ts';
import { chargingPost } from './charging-post/contract.ts';
import { sensor } from './sensor/contract.ts';

export const kinds: readonly Kind[] = [accessGate, camera, chargingPost, sensor];
