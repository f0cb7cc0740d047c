import { createContext, type ReactNode, useContext, useMemo } from 'react';
import type { CompoundItem } from '../../../services/api/schemas.ts';
import { useCompounds } from '../api/queries.ts';
import { useRoute } from '../route-context.tsx';
import { useSettings } from '../settings/settings-context.tsx';

interface CompoundAccess {
  compounds: CompoundItem[];
  /** The one looked at; `undefined`: all of them. */
  selected: CompoundItem | undefined;
  isLoading: boolean;
  error: Error | null;
  select(id: string): void;
  byId(id: string): CompoundItem | undefined;
  /** Time zone to show an instant of this compound in. */
  zoneOf(id: string): string;
}

const CompoundContext = createContext<CompoundAccess | null>(null);
const defaultZone = 'Asia/Shanghai';

export function CompoundProvider({ children }: { children: ReactNode }) {
  const { data, isPending, error } = useCompounds();
  const { query, adjust } = useRoute();
  const settings = useSettings();
  const wanted = query.compound ?? settings.compound;
  const { change } = settings;
  const access = useMemo<CompoundAccess>(() => {
    const compounds = data ?? [];
    const byId = (id: string) => compounds.find((compound) => compound.id === id);
    return {
      compounds,
      selected: compounds.length === 1 ? compounds[0] : byId(wanted),
      isLoading: isPending,
      error,
      select: (id) => {
        change({ compound: id });
        adjust({ id: null, query: { compound: id, place: '' } });
      },
      byId,
      zoneOf: (id) => byId(id)?.timeZone ?? defaultZone,
    };
  }, [data, isPending, error, wanted, adjust, change]);
  return <CompoundContext.Provider value={access}>{children}</CompoundContext.Provider>;
}

export function useCompound(): CompoundAccess {
  const access = useContext(CompoundContext);
  if (access === null) throw new Error('useCompound outside CompoundProvider');
  return access;
}
