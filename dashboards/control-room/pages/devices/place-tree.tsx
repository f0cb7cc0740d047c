import { useState } from 'react';
import type { CompoundItem } from '../../../../services/api/schemas.ts';
import { type BuildingPlace, grounds, type PlaceChoice, type PlaceCount } from '../../devices/places.ts';
import { useWords } from '../../locales/i18n.ts';

function Count({ place }: { place: PlaceCount }) {
  const { t } = useWords();
  return (
    <span className="place-count">
      {place.troubled > 0 && <span className="place-troubled">{t('devices.troubled', { n: place.troubled })}</span>}
      {place.neverHeard > 0 && <span className="no-data">{t('devices.neverHeardCount', { n: place.neverHeard })}</span>}
      <span className="quiet">{place.devices}</span>
    </span>
  );
}

function Building({
  building,
  choice,
  onChoose,
}: {
  building: BuildingPlace;
  choice: PlaceChoice;
  onChoose: (choice: PlaceChoice) => void;
}) {
  const { t } = useWords();
  const isChosen = choice.building === building.id;
  const [open, setOpen] = useState(isChosen);
  const name = building.id === grounds ? t('device.grounds') : (building.name ?? building.id);
  return (
    <li>
      <div className="place-line">
        <button
          type="button"
          className="place-toggle"
          aria-expanded={open}
          aria-label={t('devices.positionsOf', { place: name })}
          disabled={building.positions.length === 0}
          onClick={() => setOpen(!open)}
        >
          <span aria-hidden="true" className={open ? 'caret caret-open' : 'caret'} />
        </button>
        <button
          type="button"
          className="place"
          aria-current={isChosen && choice.position === undefined ? 'true' : undefined}
          data-testid="place-building"
          onClick={() => onChoose({ building: building.id })}
        >
          <span>{name}</span>
          <Count place={building} />
        </button>
      </div>
      {open && (
        <ul>
          {building.positions.map((position) => (
            <li key={position.id}>
              <button
                type="button"
                className="place place-position"
                aria-current={choice.position === position.id ? 'true' : undefined}
                data-testid="place-position"
                onClick={() => onChoose({ building: building.id, position: position.id })}
              >
                <span>{position.name}</span>
                <Count place={position} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Compound → building → position, each with what is wrong in it. */
export function PlaceTree({
  compound,
  total,
  buildings,
  choice,
  onChoose,
}: {
  compound: CompoundItem;
  total: PlaceCount;
  buildings: BuildingPlace[];
  choice: PlaceChoice;
  onChoose: (choice: PlaceChoice) => void;
}) {
  const { t } = useWords();
  const isHere = choice.compound === compound.id;
  return (
    <nav
      className="place-tree"
      aria-label={t('devices.placesOf', { compound: compound.name })}
      data-testid="device-tree"
    >
      <button
        type="button"
        className="place place-root"
        aria-current={isHere && choice.building === undefined ? 'true' : undefined}
        onClick={() => onChoose({ compound: compound.id })}
      >
        <span>{compound.name}</span>
        <Count place={total} />
      </button>
      <ul>
        {buildings.map((building) => (
          <Building
            key={building.id}
            building={building}
            choice={isHere ? choice : {}}
            onChoose={(place) => onChoose({ compound: compound.id, ...place })}
          />
        ))}
      </ul>
    </nav>
  );
}
