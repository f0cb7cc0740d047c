import { theme as antd, type ThemeConfig } from 'antd';
import { fontFamily, palettes } from './palette.ts';

/** Ant Design in our colours. */
export function antTheme(name: 'light' | 'dark'): ThemeConfig {
  const palette = palettes[name];
  return {
    algorithm: [name === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm, antd.compactAlgorithm],
    token: {
      colorPrimary: palette.accent,
      colorTextLightSolid: palette.onAccent,
      colorInfo: palette.accent,
      colorError: palette.criticalText,
      colorWarning: palette.urgent,
      colorText: palette.text,
      colorTextSecondary: palette.quiet,
      colorTextTertiary: palette.quiet,
      colorTextDescription: palette.quiet,
      colorTextPlaceholder: palette.quiet,
      colorBgBase: palette.surface,
      colorBgLayout: palette.page,
      colorBgElevated: palette.surface,
      colorBorder: palette.lineStrong,
      colorBorderSecondary: palette.line,
      fontFamily,
      // The compact algorithm takes the next smaller size: 14 px, which reads at arm’s length.
      fontSize: 16,
      borderRadius: 4,
      motionDurationMid: '0.1s',
      motionDurationSlow: '0.12s',
    },
    components: {
      Segmented: { itemColor: palette.quiet, itemSelectedBg: palette.surface, trackBg: palette.line },
      Button: { fontWeight: 500, primaryShadow: 'none', defaultShadow: 'none' },
    },
  };
}
