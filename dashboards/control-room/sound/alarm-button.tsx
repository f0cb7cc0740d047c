import { BellOutlined, MutedOutlined, SoundOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useCriticalOrders } from '../api/order-queries.ts';
import { useNow } from '../live/live-context.tsx';
import { useWords } from '../locales/i18n.ts';
import { soundsAlarm } from '../orders/order-list.ts';
import { useRoute } from '../route-context.tsx';
import { readMuted, writeMuted } from '../settings/settings.ts';
import { useKeyCommands } from '../shell/use-key-commands.ts';
import { alarmStep, silence } from './alarm-schedule.ts';
import { createBeeper } from './beep.ts';

/** Sounds for P0 orders of every compound, whichever is looked at; muted for this person only. */
export function AlarmButton({ user }: { user: string }) {
  const { t } = useWords();
  const { go } = useRoute();
  const now = useNow();
  const [muted, setMuted] = useState(() => readMuted(localStorage, user));
  const [beeper] = useState(createBeeper);
  const memory = useRef(silence);
  const sounding = (useCriticalOrders().data ?? []).filter(soundsAlarm);
  const ids = sounding.map(({ id }) => id).join(' ');

  useEffect(() => {
    const unlock = () => beeper.unlock();
    addEventListener('pointerdown', unlock);
    addEventListener('keydown', unlock);
    return () => {
      removeEventListener('pointerdown', unlock);
      removeEventListener('keydown', unlock);
    };
  }, [beeper]);

  useEffect(() => {
    const step = alarmStep(memory.current, ids === '' ? [] : ids.split(' '), now);
    memory.current = step.memory;
    if (step.sound && !muted) beeper.beep();
  }, [ids, now, muted, beeper]);

  const toggle = () => {
    writeMuted(localStorage, user, !muted);
    setMuted(!muted);
  };
  useKeyCommands({ mute: toggle });
  const blocked = !muted && !beeper.canSound();
  const label = muted ? t('alarm.unmute') : t('alarm.mute');
  const shown = muted ? t('alarm.muted') : blocked && sounding.length > 0 ? t('alarm.blockedShort') : null;
  return (
    <>
      {sounding.length > 0 && (
        <button
          type="button"
          className="alarm-count"
          data-testid="alarm-count"
          onClick={() => go('now', sounding[0]!.id, { compound: sounding[0]!.compound })}
        >
          <BellOutlined aria-hidden /> {t('alarm.sounding', { n: sounding.length })}
        </button>
      )}
      <Button
        type="text"
        data-testid="mute-switch"
        aria-pressed={muted}
        // What is read out begins with what is seen (WCAG 2.2, 2.5.3).
        aria-label={shown === null ? label : `${shown}: ${label}`}
        title={blocked ? t('alarm.blocked') : label}
        icon={muted ? <MutedOutlined /> : <SoundOutlined />}
        className={muted ? 'is-muted' : undefined}
        onClick={toggle}
      >
        {shown}
      </Button>
    </>
  );
}
