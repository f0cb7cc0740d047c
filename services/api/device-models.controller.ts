import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { type DeviceModel, deviceModel, deviceModels, faultClasses } from '../../devices/model.ts';
import { bilingual } from '../runtime/schema.ts';
import { faultWord } from '../work-orders/fault-words.ts';
import { Operation, operation } from './operation.ts';

const list = operation({
  method: 'get',
  path: '/api/device-models',
  summary: "Vendors' models that the hub knows: what each can say and do, its quantities, heartbeat and fault codes",
  role: 'viewer',
  answer: z.object({
    items: z.array(
      deviceModel.safeExtend({
        id: z.string(),
        quantities: z.record(z.string(), z.object({ unit: z.string(), min: z.number(), max: z.number() })),
        faults: z.array(z.object({ code: z.string(), class: z.enum(faultClasses), text: bilingual })),
      }),
    ),
  }),
});

/** With the common word where the model has none of its own. */
const withWords = ({ faults, ...model }: DeviceModel) => ({
  ...model,
  faults: faults.map((fault) => ({ ...fault, text: fault.text ?? faultWord(fault.code) })),
});

@Controller()
export class DeviceModelsController {
  @Operation(list)
  list(): z.infer<typeof list.answer> {
    return { items: deviceModels.map(withWords) };
  }
}
