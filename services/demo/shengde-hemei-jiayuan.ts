import { fireWaterBand } from '../../devices/kinds/sensor/simulator.ts';
import {
  createBuilder,
  type DemoCompound,
  type DemoDevice,
  type NewBuilding,
  type NewPosition,
  numbers,
  place,
  unconnected,
} from './world.ts';

const id = 'shengde-hemei-jiayuan';
const { gate, camera, post, sensor, gateway } = createBuilder(id, 'sdhm');
const band = { quantity: 'pressureKPa', min: fireWaterBand.low, max: fireWaterBand.high };

const stewards = [
  ...['王海燕', '李建军', '于淑芬', '丛日红', '毕晓东', '宫丽娟'],
  ...['鞠文明', '姜玉兰', '孙志强', '刘芳', '张永波', '邹慧敏'],
];
const buildingNumbers = numbers(stewards.length);

const buildings: NewBuilding[] = stewards.map((name, index) => ({
  id: `b${index + 1}`,
  name: `${index + 1}号楼`,
  steward: { name, telephone: `0631-5550${101 + index}` },
}));

/** Two units in each building, each with a door and a lift. */
const units = buildingNumbers.flatMap((building) =>
  [1, 2].map((unit) => ({
    building: `b${building}`,
    key: `b${building}-u${unit}`,
    name: `${building}号楼${unit}单元`,
  })),
);

const keyPositions: NewPosition[] = [
  place('entrance', 'entrance-east', '东大门'),
  place('entrance', 'entrance-south', '南大门'),
  place('entrance', 'entrance-north', '北大门'),
  place('garage-entrance', 'garage-east', '地下车库东入口'),
  place('garage-entrance', 'garage-west', '地下车库西入口'),
  place('main-road', 'road-east', '中心大道东段'),
  place('main-road', 'road-west', '中心大道西段'),
  place('main-road', 'road-south', '环形主干道南段'),
  place('main-road', 'road-north', '环形主干道北段'),
  place('fire-lane', 'lane-1', '1至3号楼消防车通道'),
  place('fire-lane', 'lane-2', '4至6号楼消防车通道'),
  place('fire-lane', 'lane-3', '7至9号楼消防车通道'),
  place('fire-lane', 'lane-4', '10至12号楼消防车通道'),
];
const pedestrianGates: NewPosition[] = [
  place('pedestrian-gate', 'gate-east', '东大门人行通道'),
  place('pedestrian-gate', 'gate-south', '南大门人行通道'),
  place('pedestrian-gate', 'gate-north', '北大门人行通道'),
  place('pedestrian-gate', 'gate-west', '西便门'),
  place('pedestrian-gate', 'gate-school', '幼儿园侧门'),
  place('pedestrian-gate', 'gate-market', '菜市场侧门'),
];
const vehicleGates: NewPosition[] = [
  place('vehicle-gate', 'barrier-east', '东大门车行道'),
  place('vehicle-gate', 'barrier-south', '南大门车行道'),
  place('vehicle-gate', 'barrier-garage', '地下车库车行道'),
];
const zones: NewPosition[] = [
  ...(
    [
      ['east', '东'],
      ['south', '南'],
      ['west', '西'],
      ['north', '北'],
    ] as const
  ).map(([key, name]) => place('perimeter-zone', `fence-${key}`, `${name}侧围墙`)),
  ...[1, 3, 5, 7, 9, 11].map((n) => place('falling-object-zone', `facade-${n}`, `${n}号楼外立面`, `b${n}`)),
];
const waterPoints: NewPosition[] = [
  place('fire-water-point', 'water-pump', '地下消防泵房'),
  ...[1, 4, 8, 12].map((n) => place('fire-water-point', `water-${n}`, `${n}号楼屋顶稳压点`, `b${n}`)),
];
const shedBuildings = [1, 2, 4, 5, 7, 8, 10, 11];
const otherPlaces: NewPosition[] = [
  place('parking-area', 'parking-east', '东区地面停车位'),
  place('parking-area', 'parking-west', '西区地面停车位'),
  place('parking-area', 'parking-garage', '地下停车场'),
  place('parking-area', 'parking-green', '绿化带边预留充电车位'),
  ...shedBuildings.map((n) => place('parking-area', `shed-${n}`, `${n}号楼电动自行车棚`, `b${n}`)),
  place('plant-room', 'room-power', '配电室'),
  place('plant-room', 'room-heat', '换热站'),
  place('plant-room', 'room-control', '监控中心机房'),
  place('public-area', 'square', '中心广场'),
  ...buildingNumbers.map((n) => place('public-area', `hall-${n}`, `${n}号楼公共走廊`, `b${n}`)),
];
const positions: NewPosition[] = [
  ...keyPositions,
  ...pedestrianGates,
  ...vehicleGates,
  ...units.map(({ key, name, building }) => place('unit-door', `door-${key}`, `${name}单元门`, building)),
  ...units.map(({ key, name, building }) => place('lift', `lift-${key}`, `${name}电梯`, building)),
  ...zones,
  ...waterPoints,
  ...otherPlaces,
];

const gates = (): DemoDevice[] => [
  ...pedestrianGates.slice(0, 5).map(({ id: at, name }) => gate(at, `${name}人脸闸机`, at, ['face', 'card', 'phone'])),
  unconnected(gate('gate-market', '菜市场侧门闸机（待联网）', 'gate-market', ['card'])),
  ...vehicleGates.map(({ id: at, name }) => gate(at, `${name}道闸`, at, ['plate-recognition'])),
  ...units
    .slice(0, 15)
    .map(({ key, name }) => gate(`door-${key}`, `${name}智能门锁`, `door-${key}`, ['smart-lock', 'card', 'phone'])),
];

const cameras = (): DemoDevice[] => [
  // The lane behind the last buildings is the one key position that nobody watches yet.
  ...keyPositions
    .filter(({ id: at }) => at !== 'lane-4')
    .map(({ id: at, name }) => camera(`camera-${at}`, `${name}摄像机`, at)),
  ...zones
    .filter(({ id: at }) => ['fence-east', 'fence-west', 'facade-5', 'facade-9'].includes(at))
    .map(({ id: at, name }) => camera(`camera-${at}`, `${name}摄像机`, at)),
  ...units
    .slice(0, 8)
    .map(({ key, name }) => camera(`camera-lift-${key}`, `${name}电梯摄像机`, `lift-${key}`, ['e-bike-detection'])),
];

/** 28 ports on 312 spaces: two posts short of three stars, as in the news this compound is known from. */
const posts = (): DemoDevice[] => {
  const rows = [
    ['e', 'parking-east', '东区', 5],
    ['w', 'parking-west', '西区', 4],
    ['g', 'parking-garage', '车库', 5],
  ] as const;
  const cars = rows.flatMap(([key, at, name, count]) =>
    numbers(count).map((n) => post(`post-${key}-${n}`, `${name}${n}号充电桩`, at, 2)),
  );
  return [
    ...cars.map((car, index) => (index === cars.length - 1 ? unconnected(car) : car)),
    ...shedBuildings.map((n) => post(`bike-post-${n}`, `${n}号楼车棚充电柜`, `shed-${n}`, 20, ['e-bike-charging'])),
  ];
};

const sensors = (): DemoDevice[] => [
  ...buildingNumbers.map((n) => {
    const smoke = sensor(`smoke-${n}`, `${n}号楼走廊烟感`, `hall-${n}`, 'smoke', ['smoke']);
    return n === 12 ? unconnected(smoke) : smoke;
  }),
  ...waterPoints.map(({ id: at, name }) => sensor(at, `${name}水压计`, at, 'fire-water', ['fire-water'], { band })),
  sensor('air-square', '中心广场环境监测站', 'square', 'air', ['environment']),
  sensor('air-east', '东大门环境监测站', 'entrance-east', 'air', ['environment']),
  sensor('level-garage', '地下车库积水监测', 'parking-garage', 'water-leak', ['level']),
  sensor('level-pump', '消防泵房积水监测', 'water-pump', 'water-leak', ['level']),
  sensor('climate-power', '配电室温湿度计', 'room-power', 'climate', []),
  sensor('climate-heat', '换热站温湿度计', 'room-heat', 'climate', []),
];

/** Lift monitors and manholes speak over radio to one gateway, which carries their words. */
const beneathGateway = (): DemoDevice[] => {
  const hub = gateway('gateway', '监控中心物联网关', 'room-control');
  const beneath = { gateway: hub.registration.id };
  return [
    hub,
    ...units
      .slice(0, 15)
      .map(({ key, name }) =>
        sensor(`lift-${key}`, `${name}电梯监测终端`, `lift-${key}`, 'door', ['lift-monitor'], beneath),
      ),
    // Nobody has entered where the manholes are: master data that is not complete.
    ...numbers(5).map((n) => sensor(`manhole-${n}`, `${n}号雨水井监测`, undefined, 'climate', ['manhole'], beneath)),
  ];
};

/** 盛德和美佳苑: a retrofit with many e-bikes and few charging places, two stars and a short list to the third. */
export const shengdeHemeiJiayuan = (): DemoCompound => ({
  compound: {
    id,
    name: '盛德和美佳苑',
    profile: 'retrofit',
    households: 1312,
    district: '威海市环翠区',
    code: '371002-0417',
    coordinates: { latitude: 37.4873, longitude: 122.1146 },
    figures: {
      parkingSpaces: 312,
      evReadySpaces: 28,
      eBikes: 1480,
      fireDutyRoster: true,
      microFireStation: true,
      contractDisclosed: true,
      feeItemsDisclosed: true,
    },
    buildings,
    positions,
  },
  devices: [...gates(), ...cameras(), ...posts(), ...sensors(), ...beneathGateway()],
  patrol: '赵卫国（秩序维护队）',
  past: {
    meetings: [
      { daysAgo: 320, subject: '老旧小区改造与停车位', held: true },
      { daysAgo: 228, subject: '电动自行车充电与消防通道', held: true },
      { daysAgo: 136, subject: '公共收益公开', held: false },
      { daysAgo: 44, subject: '绿化带边增设充电车位', held: true },
    ],
    whistles: [
      { daysAgo: 23, department: '区消防救援大队', subject: '飞线充电联合整治', answeredInTime: true },
      { daysAgo: 15, department: '街道综合执法队', subject: '消防车通道违停', answeredInTime: true },
      { daysAgo: 6, department: '供电公司', subject: '充电车位增容', answeredInTime: false },
    ],
    unreportedDaysAgo: [9, 20, 21, 22],
  },
});
