export interface Beeper {
  /** Browsers keep a page silent until somebody has touched it. */
  canSound(): boolean;
  unlock(): void;
  beep(): void;
}

const tones = [
  { atSeconds: 0, frequencyHz: 880 },
  { atSeconds: 0.22, frequencyHz: 660 },
  { atSeconds: 0.44, frequencyHz: 880 },
];

/** Three short tones by WebAudio; nothing to download. */
export function createBeeper(): Beeper {
  let audio: AudioContext | null = null;
  const context = (): AudioContext | null => {
    if (audio === null && 'AudioContext' in globalThis) audio = new AudioContext();
    return audio;
  };
  return {
    canSound: () => context()?.state === 'running',
    unlock: () => void context()?.resume(),
    beep() {
      const sound = context();
      if (sound === null || sound.state !== 'running') return;
      for (const { atSeconds, frequencyHz } of tones) {
        const start = sound.currentTime + atSeconds;
        const oscillator = sound.createOscillator();
        const volume = sound.createGain();
        oscillator.frequency.value = frequencyHz;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(0.25, start + 0.02);
        volume.gain.linearRampToValueAtTime(0, start + 0.18);
        oscillator.connect(volume).connect(sound.destination);
        oscillator.start(start);
        oscillator.stop(start + 0.2);
      }
    },
  };
}
