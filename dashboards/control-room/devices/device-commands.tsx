import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import type { CommandName } from '../../../devices/commands.ts';
import type { ShownCommand } from '../../../services/device-commands/read-model.ts';
import type { Page } from '../api/answers.ts';
import { getJson, withQuery } from '../api/client.ts';
import { useOperation } from '../api/operation-queries.ts';
import { useMe } from '../api/queries.ts';
import { queryKeys } from '../api/query-keys.ts';
import { AskDialog } from '../forms/ask-dialog.tsx';
import { bodyOf, type FieldSpec } from '../forms/field-spec.ts';
import { useWords } from '../locales/i18n.ts';
import { When } from '../locales/when.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';

interface CommandKind {
  command: CommandName;
  title: { zh: string; en: string };
  kinds: string[];
}

const shownMax = 5;
/** A command ends by an answer or by its time: both without anybody's doing. */
const lookAgainMs = 2_000;

const useCommandKinds = () =>
  useQuery({
    queryKey: queryKeys.commandKinds,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await getJson<Page<CommandKind>>('/api/command-kinds')).items,
  });
const isUnderWay = ({ state }: ShownCommand): boolean => state === 'waiting' || state === 'ready' || state === 'sent';
const useDeviceCommands = (device: string) =>
  useQuery({
    queryKey: queryKeys.deviceCommands(device),
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? lookAgainMs : false),
    queryFn: async () =>
      (await getJson<Page<ShownCommand>>(withQuery('/api/commands', { device, limit: shownMax }))).items,
  });

/** What a command must be told beside the reason. */
function useArgumentFields(): Record<CommandName, FieldSpec[]> {
  const { t } = useWords();
  const connector: FieldSpec = {
    name: 'arguments.connector',
    kind: 'number',
    min: 1,
    label: t('deviceCommand.connector'),
  };
  return {
    'open-gate': [{ name: 'arguments.door', kind: 'text', lengthMax: 100, label: t('deviceCommand.door') }],
    restart: [],
    'start-charging': [connector],
    'stop-charging': [
      { name: 'arguments.session', kind: 'text', required: true, lengthMax: 100, label: t('deviceCommand.session') },
    ],
    'unlock-connector': [{ ...connector, required: true }],
    switch: [{ name: 'arguments.on', kind: 'flag', required: true, label: t('deviceCommand.on') }],
  };
}

function CommandLine({ command, title, zone }: { command: ShownCommand; title: string; zone: string }) {
  const { t, word } = useWords();
  const me = useMe().data;
  const approve = useOperation(queryKeys.deviceCommands(command.device));
  const { id, state, reason, requestedBy, requestedAt, approvedBy, notSent, answer } = command;
  const mayApprove = state === 'waiting' && me?.user !== undefined && me.user !== requestedBy;
  const told = notSent?.text ?? answer?.text ?? null;
  const isBad = state === 'not-sent' || state === 'timed-out' || answer?.accepted === false;
  return (
    <li data-testid="device-command" data-key={id} data-state={state}>
      <strong>{title}</strong>
      <span className={isBad ? 'is-bad' : undefined}>
        {answer === null
          ? word('commandState', state)
          : t(answer.accepted ? 'deviceCommand.accepted' : 'deviceCommand.rejected')}
        {told !== null && ` · ${told}`}
      </span>
      <span className="quiet">
        {[requestedBy, approvedBy].filter((person) => person !== null).join(' + ')} · {reason} ·{' '}
        <When at={requestedAt} zone={zone} ago />
      </span>
      {mayApprove && (
        <Button
          size="small"
          data-testid="approve-command"
          loading={approve.isPending}
          onClick={() => approve.mutate({ path: `/api/commands/${id}/approval`, body: {} })}
        >
          {t('deviceCommand.approve')}
        </Button>
      )}
      {approve.error !== null && <ProblemNote error={approve.error} />}
    </li>
  );
}

/** What can be asked of the device, and what became of what was asked. */
export function DeviceCommands({ device, kind, zone }: { device: string; kind: string; zone: string }) {
  const { t, say } = useWords();
  const role = useMe().data?.role;
  const { data: kinds = [] } = useCommandKinds();
  const { data: commands = [] } = useDeviceCommands(device);
  const send = useOperation(queryKeys.deviceCommands(device));
  const [asking, setAsking] = useState<CommandKind | null>(null);
  const argumentFields = useArgumentFields();
  const own = kinds.filter(({ kinds: of }) => of.includes(kind));
  const mayAsk = role === 'operator' || role === 'admin';
  if (own.length === 0 || (!mayAsk && commands.length === 0)) return null;
  const titleOf = (command: string): string => say(own.find((one) => one.command === command)?.title ?? own[0]!.title);
  const reason: FieldSpec = {
    ...{ name: 'reason', kind: 'text', required: true, lengthMax: 500, label: t('deviceCommand.reason') },
  };
  const close = () => {
    send.reset();
    setAsking(null);
  };
  return (
    <section aria-labelledby="commands-title" className="panel-section">
      <h3 id="commands-title">{t('deviceCommand.title')}</h3>
      {mayAsk && (
        <p className="device-line">
          {own.map((one) => (
            <Button key={one.command} size="small" data-testid={`ask-${one.command}`} onClick={() => setAsking(one)}>
              {say(one.title)}
            </Button>
          ))}
        </p>
      )}
      <ul className="lines">
        {commands.map((command) => (
          <CommandLine key={command.id} command={command} title={titleOf(command.command)} zone={zone} />
        ))}
      </ul>
      {asking !== null && (
        <AskDialog
          command={asking.command}
          title={say(asking.title)}
          about={t('deviceCommand.about')}
          okText={say(asking.title)}
          fieldsOf={() => [reason, ...argumentFields[asking.command]]}
          pending={send.isPending}
          error={send.error}
          onSubmit={(values, fields) =>
            send.mutate(
              {
                path: `/api/devices/${encodeURIComponent(device)}/commands`,
                body: { command: asking.command, arguments: {}, ...bodyOf(fields, values, zone) },
              },
              { onSuccess: close },
            )
          }
          onClose={close}
        />
      )}
    </section>
  );
}
