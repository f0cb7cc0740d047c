import { Button } from 'antd';
import { useState } from 'react';
import type { SendMethod } from '../api/client.ts';
import { useOperation } from '../api/operation-queries.ts';
import type { QueryKey } from '../api/query-keys.ts';
import { AskDialog } from './ask-dialog.tsx';

/** A step that can't be taken back: what it means is said, and it is asked for once more. */
export function AskedButton<Answer>({
  name,
  label,
  about,
  request,
  list,
  isSmall = true,
  onDone,
}: {
  name: string;
  label: string;
  about: string;
  request: { method?: SendMethod; path: string };
  /** What has to be asked for again afterwards. */
  list: QueryKey;
  isSmall?: boolean;
  onDone?: (answer: Answer) => void;
}) {
  const [isAsking, setAsking] = useState(false);
  const command = useOperation<Answer>(list);
  return (
    <>
      <Button size={isSmall ? 'small' : 'middle'} data-testid={name} onClick={() => setAsking(true)}>
        {label}
      </Button>
      {isAsking && (
        <AskDialog
          command={name}
          title={label}
          about={about}
          okText={label}
          fieldsOf={() => []}
          pending={command.isPending}
          error={command.error}
          onSubmit={() =>
            command.mutate(
              { ...request, body: {} },
              {
                onSuccess: (answer) => {
                  setAsking(false);
                  onDone?.(answer);
                },
              },
            )
          }
          onClose={() => {
            command.reset();
            setAsking(false);
          }}
        />
      )}
    </>
  );
}
