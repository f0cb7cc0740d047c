/** Every colour of the page. Colour is kept for what is abnormal; there is no "everything is fine" green. */
export interface Palette {
  page: string;
  surface: string;
  raised: string;
  selected: string;
  line: string;
  lineStrong: string;
  text: string;
  quiet: string;
  accent: string;
  onAccent: string;
  focus: string;
  critical: string;
  onCritical: string;
  criticalText: string;
  criticalSurface: string;
  urgent: string;
  onUrgent: string;
  normalEdge: string;
  normalSurface: string;
  onNormal: string;
  minorEdge: string;
  soonText: string;
  bar: string;
}

export const palettes: Record<'light' | 'dark', Palette> = {
  light: {
    page: '#f1f2f4',
    surface: '#ffffff',
    raised: '#f7f8f9',
    selected: '#e6ecf3',
    line: '#dcdfe4',
    lineStrong: '#868d98',
    text: '#1b1f24',
    quiet: '#525a66',
    accent: '#27507a',
    onAccent: '#ffffff',
    focus: '#0b62d6',
    critical: '#b3091f',
    onCritical: '#ffffff',
    criticalText: '#b3091f',
    criticalSurface: '#fdf0f1',
    urgent: '#f08a24',
    onUrgent: '#1b1f24',
    normalEdge: '#9c7400',
    normalSurface: '#fff9e0',
    onNormal: '#1b1f24',
    minorEdge: '#868d98',
    soonText: '#8a4b00',
    bar: '#7d8ba0',
  },
  dark: {
    page: '#111417',
    surface: '#1a1e23',
    raised: '#20252b',
    selected: '#293440',
    line: '#333a43',
    lineStrong: '#7d8794',
    text: '#e6e9ed',
    quiet: '#a5adb8',
    accent: '#8db8e4',
    onAccent: '#10151a',
    focus: '#6fb0ff',
    critical: '#cf2036',
    onCritical: '#ffffff',
    criticalText: '#ff8b92',
    criticalSurface: '#331a1f',
    urgent: '#f0953b',
    onUrgent: '#15181c',
    normalEdge: '#d5ae38',
    normalSurface: '#2b2718',
    onNormal: '#f3e7bd',
    minorEdge: '#7d8794',
    soonText: '#f2b66d',
    bar: '#8391a5',
  },
};

export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The same colours for our own style sheets, as `--xy-…`. */
export function applyPalette(root: HTMLElement, name: 'light' | 'dark'): void {
  for (const [token, colour] of Object.entries(palettes[name])) root.style.setProperty(`--xy-${kebab(token)}`, colour);
  root.style.setProperty('--xy-font', fontFamily);
  root.style.colorScheme = name;
  root.dataset.theme = name;
}
