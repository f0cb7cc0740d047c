import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startI18n } from './locales/i18n.ts';
import { applyPalette } from './palette.ts';
import { readSettings } from './settings/settings.ts';
import './styles/base.css';

const { language, theme } = readSettings(localStorage);
applyPalette(document.documentElement, theme);
await startI18n(language);
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
