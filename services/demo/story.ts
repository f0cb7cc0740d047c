import { eventMessages, type SimulatedMessage, telemetryMessage } from '../../devices/simulator.ts';
import { recoveryMessages } from './recovery.ts';
import type { NewCompound } from './world.ts';

/** What happens to a device: it says something, or its TCP connection is cut and the hub publishes its will. */
export type StoryAct =
  | { do: 'say'; messages: (nowMs: number) => SimulatedMessage[] }
  | { do: 'cut' }
  | { do: 'come-back' };

export interface StoryStep {
  atSeconds: number;
  device: string;
  act: StoryAct;
  /** From `begin` to `end` the device's simulator is silent, or it would talk across the story. */
  hold?: 'begin' | 'end';
  /** One line for whoever watches; the endings need none. */
  told?: string;
}

/** What people find out or mend about a compound, of which its star hangs. */
export interface FigureStep {
  atSeconds: number;
  compound: string;
  figures: NonNullable<NewCompound['figures']>;
  told?: string;
}

type Event = [type: string, data: Record<string, unknown>];

const events =
  (...list: Event[]) =>
  (nowMs: number): SimulatedMessage[] =>
    eventMessages(list.map(([type, data]) => ({ type, data, atMs: nowMs })));

const readings =
  (values: Record<string, number>) =>
  (nowMs: number): SimulatedMessage =>
    telemetryMessage(nowMs, values);

const say = (...parts: ((nowMs: number) => SimulatedMessage | SimulatedMessage[])[]): StoryAct => ({
  do: 'say',
  messages: (nowMs) => parts.flatMap((part) => part(nowMs)),
});

const recovers =
  (code: string, component: string | null = null) =>
  (nowMs: number) =>
    recoveryMessages({ code, component }, nowMs);

/** Ids of the devices that the story plays on. */
export const cast = {
  typist: 'sdhm-climate-heat',
  hotPost: 'sdhm-post-e-2',
  cutCamera: 'sdhm-camera-garage-east',
  deadPost: 'sdhm-post-w-3',
  forcedGate: 'sdhm-gate-west',
  smoke: 'sdhm-smoke-5',
  water: 'sdhm-water-8',
  battery: 'sdhm-smoke-3',
  lift: 'sdhm-camera-lift-b2-u1',
  groundFault: 'sdhm-bike-post-4',
} as const;

const connector = 'connector-1';

/** Raises something of every priority within a minute; each ends by itself but for the charging post that is gone for good. */
const beginnings: StoryStep[] = [
  {
    atSeconds: 6,
    device: cast.typist,
    told: 'dead letter  换热站温湿度计把 temperatureC 写成 temprature（集成商笔误） · an integrator misspells a quantity',
    act: say((nowMs) => ({
      ...telemetryMessage(nowMs, {}),
      payload: JSON.stringify({ values: { temprature: 21.5 } }),
    })),
  },
  {
    atSeconds: 10,
    device: cast.hotPost,
    hold: 'begin',
    told: 'P1  东区2号充电桩枪头过热 · a charging plug overheats',
    act: say(
      events(
        ['device.fault-raised', { code: 'over-temperature', text: '枪头温度 94 °C，已断电', component: connector }],
        ['charging.status-changed', { connector: 1, status: 'faulted' }],
      ),
    ),
  },
  {
    atSeconds: 16,
    device: cast.cutCamera,
    hold: 'begin',
    told: 'P2  地下车库东入口摄像机断线（遗嘱消息） · a camera loses its connection, its will speaks',
    act: { do: 'cut' },
  },
  {
    atSeconds: 22,
    device: cast.forcedGate,
    hold: 'begin',
    told: 'P1  西便门被强行打开 · a gate is forced open',
    act: say(
      events(
        ['gate.door-changed', { state: 'open', door: 'main' }],
        ['gate.forced-open', { door: 'main', text: '未刷卡开门' }],
      ),
    ),
  },
  {
    atSeconds: 30,
    device: cast.smoke,
    hold: 'begin',
    told: 'P0  5号楼走廊烟感报警，约 2 分钟后解除 · a smoke alarm, over after two minutes',
    act: say(
      events(['sensor.threshold-crossed', { quantity: 'smoke', active: true }]),
      readings({ smokeAlarm: 1, temperatureC: 38.5 }),
    ),
  },
  {
    atSeconds: 38,
    device: cast.water,
    hold: 'begin',
    told: 'P2  8号楼屋顶稳压点水压偏低 · fire-water pressure below its band',
    act: say(readings({ pressureKPa: 235 }), (nowMs) =>
      eventMessages([
        {
          type: 'sensor.threshold-crossed',
          data: { quantity: 'pressureKPa', direction: 'low', active: true, value: 235, threshold: 300 },
          atMs: nowMs,
        },
      ]),
    ),
  },
  {
    atSeconds: 44,
    device: cast.battery,
    told: 'P3  3号楼走廊烟感电池电量低 · a battery runs low',
    act: say(events(['device.battery-low', { batteryPercent: 9 }])),
  },
  {
    atSeconds: 50,
    device: cast.deadPost,
    hold: 'begin',
    told: 'P2  西区3号充电桩断线，不会自行恢复 · a charging post is gone for good',
    act: { do: 'cut' },
  },
  {
    atSeconds: 85,
    device: cast.lift,
    told: 'P1  电动自行车进入2号楼1单元电梯 · an e-bike is taken into a lift',
    act: say(
      events([
        'camera.analytics-reported',
        { analytic: 'e-bike-in-lift', active: true, severity: 'alert', objects: ['e-bike'], confidence: 0.93 },
      ]),
    ),
  },
  {
    atSeconds: 110,
    device: cast.groundFault,
    hold: 'begin',
    told: 'P1  4号楼车棚充电柜接地故障 · a ground fault in the e-bike shed',
    act: say(
      events(['device.fault-raised', { code: 'ground-fault', text: '漏电流 42 mA，已断电', component: connector }]),
    ),
  },
];

const endings: StoryStep[] = [
  {
    atSeconds: 150,
    device: cast.smoke,
    hold: 'end',
    act: say(recovers('smoke'), readings({ smokeAlarm: 0, temperatureC: 24 })),
  },
  { atSeconds: 170, device: cast.forcedGate, hold: 'end', act: say(recovers('forced-open', 'main')) },
  { atSeconds: 140, device: cast.cutCamera, hold: 'end', act: { do: 'come-back' } },
  {
    atSeconds: 260,
    device: cast.water,
    hold: 'end',
    act: say(readings({ pressureKPa: 402 }), recovers('pressure-kpa')),
  },
  {
    atSeconds: 380,
    device: cast.hotPost,
    hold: 'end',
    act: say(
      recovers('over-temperature', connector),
      events(['charging.status-changed', { connector: 1, status: 'available' }]),
    ),
  },
  { atSeconds: 470, device: cast.groundFault, hold: 'end', act: say(recovers('ground-fault', connector)) },
];

/** The first minutes, the same at every start, so that whoever watches (or tests) knows what to wait for. */
export const story: readonly StoryStep[] = [...beginnings, ...endings].sort((a, b) => a.atSeconds - b.atSeconds);

/** An inspection, late enough that the rater has seen the compound's four stars before, and its happy end. */
export const inspection: readonly FigureStep[] = [
  {
    atSeconds: 75,
    compound: 'haiyu-lanting',
    figures: { fireDutyRoster: false },
    told: '★   海语兰庭消防值班表核查不合格，失去星级 · an inspection finds no fire-duty roster, and the stars are lost',
  },
  { atSeconds: 480, compound: 'haiyu-lanting', figures: { fireDutyRoster: true } },
];
