import { useEffect, useRef } from 'react';
import { commandOf, type KeyCommand } from './key-commands.ts';

function focusOf(target: EventTarget | null): 'typing' | 'control' | 'page' {
  if (document.querySelector('.ant-modal-wrap') !== null) return 'typing';
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.closest('input, textarea, select, [contenteditable], [role=combobox]') !== null) return 'typing';
  return target.closest('button, a, summary, [role=menuitem]') === null ? 'page' : 'control';
}

/** Keys for as long as the component stands. A handler left out leaves its key alone. */
export function useKeyCommands(handlers: Partial<Record<KeyCommand, () => void>>): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      const command = commandOf({ key, ctrlKey, metaKey, altKey, focus: focusOf(event.target) });
      const handler = command === undefined ? undefined : latest.current[command];
      if (handler === undefined || event.defaultPrevented) return;
      event.preventDefault();
      handler();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
