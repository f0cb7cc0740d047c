import { fireWaterBand } from '../../devices/kinds/sensor/simulator.ts';
import { createBuilder, type DemoCompound, type DemoDevice, type NewPosition, numbers, place } from './world.ts';

const id = 'haiyu-lanting';
const { gate, camera, post, sensor } = createBuilder(id, 'hylt');
const band = { quantity: 'pressureKPa', min: fireWaterBand.low, max: fireWaterBand.high };
const stewards = ['林雪梅', '夏志远', '戚晓光'];

const units = stewards.map((_, index) => ({ building: `b${index + 1}`, name: `${index + 1}号楼` }));
const keyPositions: NewPosition[] = [
  place('entrance', 'entrance-main', '主出入口'),
  place('garage-entrance', 'garage', '地下车库入口'),
  place('main-road', 'road', '环形主干道'),
  place('fire-lane', 'lane', '消防车通道'),
];
const positions: NewPosition[] = [
  ...keyPositions,
  place('pedestrian-gate', 'gate-main', '主出入口人行通道'),
  place('vehicle-gate', 'barrier', '地下车库车行道'),
  ...units.map(({ building, name }) => place('unit-door', `door-${building}`, `${name}单元门`, building)),
  ...units.map(({ building, name }) => place('lift', `lift-${building}`, `${name}电梯`, building)),
  place('perimeter-zone', 'fence', '临海侧围墙'),
  ...units.map(({ building, name }) => place('falling-object-zone', `facade-${building}`, `${name}外立面`, building)),
  place('fire-water-point', 'water-pump', '消防泵房'),
  place('parking-area', 'parking', '地下停车场'),
  place('parking-area', 'shed', '电动自行车库'),
  ...units.map(({ building, name }) => place('public-area', `hall-${building}`, `${name}大堂`, building)),
];

const devices = (): DemoDevice[] => [
  gate('gate-main', '主出入口人脸闸机', 'gate-main', ['face', 'card', 'code', 'phone']),
  gate('barrier', '地下车库道闸', 'barrier', ['plate-recognition']),
  ...units.map(({ building, name }) =>
    gate(`door-${building}`, `${name}智能门锁`, `door-${building}`, ['smart-lock', 'card', 'phone']),
  ),
  ...keyPositions.map(({ id: at, name }) => camera(`camera-${at}`, `${name}摄像机`, at)),
  camera('camera-fence', '临海侧围墙摄像机', 'fence'),
  camera('camera-facade', '高空抛物摄像机', 'facade-b1', [], ['facade-b2']),
  ...units.map(({ building, name }) =>
    camera(`camera-lift-${building}`, `${name}电梯摄像机`, `lift-${building}`, ['e-bike-detection', 'lift-monitor']),
  ),
  ...numbers(5).map((n) => post(`post-${n}`, `车库${n}号充电桩`, 'parking', 4)),
  post('bike-post', '电动自行车库充电柜', 'shed', 24, ['e-bike-charging']),
  ...units.map(({ building, name }) =>
    sensor(`smoke-${building}`, `${name}大堂烟感`, `hall-${building}`, 'smoke', ['smoke']),
  ),
  sensor('water-pump', '消防泵房水压计', 'water-pump', 'fire-water', ['fire-water'], { band }),
  sensor('air', '主出入口环境监测站', 'entrance-main', 'air', ['environment']),
];

/** 海语兰庭: a small new compound to compare with, built to four stars. */
export const haiyuLanting = (): DemoCompound => ({
  compound: {
    id,
    name: '海语兰庭',
    profile: 'new',
    households: 108,
    district: '威海市环翠区',
    code: '371002-0533',
    coordinates: { latitude: 37.5316, longitude: 122.0712 },
    figures: {
      parkingSpaces: 128,
      evReadySpaces: 128,
      eBikes: 62,
      fireDutyRoster: true,
      microFireStation: true,
      contractDisclosed: true,
      feeItemsDisclosed: true,
    },
    buildings: stewards.map((name, index) => ({
      id: `b${index + 1}`,
      name: `${index + 1}号楼`,
      steward: { name, telephone: `0631-5550${201 + index}` },
    })),
    positions,
  },
  devices: devices(),
  patrol: '郑凯（秩序维护队）',
  past: {
    meetings: [
      { daysAgo: 180, subject: '业主委员会筹备', held: true },
      { daysAgo: 88, subject: '物业服务质量评议', held: true },
    ],
    whistles: [{ daysAgo: 12, department: '供水公司', subject: '二次供水水质抽检', answeredInTime: true }],
    unreportedDaysAgo: [],
  },
});
