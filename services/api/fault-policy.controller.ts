import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { eventOf, Refusal } from '../event-log/decider.ts';
import { WrongExpectedRevision } from '../event-log/event-log.ts';
import { registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { bilingual, instant } from '../runtime/schema.ts';
import { backTest } from '../work-orders/fault-back-test.ts';
import { faultPolicyStream } from '../work-orders/fault-events.ts';
import { loadFaultPolicy, parseFaultPolicy } from '../work-orders/fault-policy.ts';
import { policyOrRefuse, readPolicyText } from '../work-orders/fault-policy-text.ts';
import { policyInForce } from '../work-orders/fault-tables.ts';
import { loadServiceLevels } from '../work-orders/service-levels.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { faultDeviceOf } from './fault-device-of.ts';
import { commandMeta } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

/** A back-test shares the process with the ingest: it looks at no more than this. */
const limits = { secondsMax: 60, eventsMax: 5_000_000 };
const daysMax = 400;

const policyText = z.string().min(1).max(200_000);
const counts = z.record(z.string(), z.int());
const wouldRaise = z.object({
  orders: z.int(),
  byRule: counts,
  byClass: counts,
  byCompound: counts,
  covered: z.int(),
  folded: z.int(),
  suppressed: z.int(),
  examples: z.array(
    z.object({
      ...{ at: instant, rule: z.string(), compound: z.string(), device: z.string().nullable() },
      ...{ code: z.string(), class: z.string(), title: bilingual },
    }),
  ),
});

const read = operation({
  method: 'get',
  path: '/api/fault-policy',
  summary: 'The fault policy in force, as YAML; version 0 is the one that ships with the hub',
  role: 'viewer',
  answer: z.object({
    version: z.int(),
    policy: z.string(),
    switchedOnAt: instant.nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
    /** What a newer hub finds wrong with it; while there is anything, the policy before it holds. */
    problems: z.array(z.object({ line: z.int().nullable(), field: z.string(), message: z.string() })),
  }),
});
const switchOn = operation({
  method: 'put',
  path: '/api/fault-policy',
  summary: 'Switch a fault policy on: it judges every fault that is heard from then on',
  role: 'admin',
  body: z.strictObject({
    policy: policyText,
    reason: z.string().trim().min(1).max(2000).optional(),
    /** The version that it was made from; refused where another one is in force by now. */
    replaces: z.int().min(0).optional(),
  }),
  answer: z.object({ version: z.int() }),
});
const test = operation({
  method: 'post',
  path: '/api/fault-policy/back-test',
  summary:
    'What a fault policy would have raised in a time that has passed, beside the policy in force and the real orders',
  role: 'operator',
  body: z.strictObject({
    policy: policyText,
    from: instant,
    to: instant,
    compounds: z.array(registryId).min(1).max(1000).optional(),
  }),
  answer: z.object({
    from: instant,
    to: instant,
    complete: z.boolean(),
    until: instant.nullable(),
    events: z.int(),
    proposed: wouldRaise,
    current: wouldRaise,
    raised: z.object({ orders: z.int(), byClass: counts, byCompound: counts }),
  }),
});

const levels = loadServiceLevels();
const shipped = () => readFileSync(new URL('../work-orders/fault-policy.yaml', import.meta.url), 'utf8');

@Controller()
export class FaultPolicyController {
  /** One at a time. */
  private isTesting = false;

  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(read)
  async read() {
    const inForce = await policyInForce(this.parts.sql);
    const policy = inForce?.policy ?? shipped();
    const found = readPolicyText(policy, levels);
    return {
      ...{ version: inForce?.version ?? 0, policy, switchedOnAt: inForce?.at ?? null, by: inForce?.actor ?? null },
      ...{ reason: inForce?.reason ?? null, problems: 'problems' in found ? found.problems : [] },
    };
  }

  @Operation(switchOn)
  async switchOn(@Input() { body, account }: InputOf<typeof switchOn>) {
    policyOrRefuse(body.policy, levels);
    const { log } = this.parts;
    const [newest] = await log.readStream(faultPolicyStream, { backwards: true, maxCount: 1 });
    const before = newest === undefined ? 0 : newest.revision + 1;
    const changed = (): Refusal =>
      new Refusal('fault-policy.changed', 'another policy was switched on meanwhile; look at it first');
    if (body.replaces !== undefined && body.replaces !== before) throw changed();
    const version = before + 1;
    const data = { version, policy: body.policy, ...(body.reason === undefined ? {} : { reason: body.reason }) };
    const event = eventOf(randomUUID(), { type: 'fault-policy.switched-on', data }, commandMeta(this.parts, account));
    const expectedRevision = newest?.revision ?? 'no-stream';
    try {
      await log.append([{ stream: faultPolicyStream, expectedRevision, events: [event] }]);
    } catch (error) {
      throw error instanceof WrongExpectedRevision ? changed() : error;
    }
    return { version };
  }

  @Operation(test)
  async test(@Input() { body }: InputOf<typeof test>) {
    const proposed = policyOrRefuse(body.policy, levels);
    const [fromMs, toMs] = [Date.parse(body.from), Date.parse(body.to)];
    if (toMs <= fromMs || toMs - fromMs > daysMax * 86_400_000) {
      throw new Refusal('fault-policy.period', `to: after from, and at most ${daysMax} days later`, { field: 'to' });
    }
    if (this.isTesting) throw new Refusal('fault-policy.busy', 'another back-test is running; try again in a minute');
    this.isTesting = true;
    try {
      const { log, clock, index, sql } = this.parts;
      const rules = { levels, deviceOf: (id: string) => faultDeviceOf(index, id), hangingOn: index.hangingOn };
      const inForce = await policyInForce(sql);
      const current = inForce === undefined ? loadFaultPolicy(levels) : parseFaultPolicy(inForce.policy, levels);
      const wish = { from: isoTime(fromMs), to: isoTime(toMs), ...(body.compounds && { compounds: body.compounds }) };
      return await backTest({ log, clock, rules, limits }, { proposed, current }, wish);
    } finally {
      this.isTesting = false;
    }
  }
}
