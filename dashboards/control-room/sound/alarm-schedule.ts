/** P0 sounds once per minute until it is acknowledged. */
export const alarmEveryMs = 60_000;

export interface AlarmMemory {
  lastSoundAtMs: number | null;
  /** Orders that sounded before. */
  known: ReadonlySet<string>;
}

export const silence: AlarmMemory = { lastSoundAtMs: null, known: new Set() };

/** Whether to sound now: at once for one that is new, then every minute while any stands. */
export function alarmStep(
  memory: AlarmMemory,
  sounding: readonly string[],
  nowMs: number,
): { sound: boolean; memory: AlarmMemory } {
  if (sounding.length === 0) return { sound: false, memory: silence };
  const isNew = sounding.some((id) => !memory.known.has(id));
  const isDue = memory.lastSoundAtMs === null || nowMs - memory.lastSoundAtMs >= alarmEveryMs;
  const sound = isNew || isDue;
  return { sound, memory: { lastSoundAtMs: sound ? nowMs : memory.lastSoundAtMs, known: new Set(sounding) } };
}
