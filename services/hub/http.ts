import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { excelType } from '../api/excel.ts';
import type { Config } from '../runtime/config.ts';
import { listenRefusal } from '../runtime/listen-refusal.ts';

const pageFolder = fileURLToPath(new URL('../../dashboards/control-room/dist', import.meta.url));

interface Request {
  path: string;
}
interface Response {
  setHeader(name: string, value: string): void;
}

/** Ant Design writes its styles into the page as it runs, hence `unsafe-inline` for styles and for nothing else. */
const headers: Record<string, string> = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
};

/** Proxies keep idle connections for a minute (nginx 60 s): who ends them first breaks the request that comes just then. */
const idleMs = 75_000;

/** Serves the API and the control-room page. Answers the port. */
export const startHttp = async (app: NestExpressApplication, config: Config): Promise<number> => {
  app.disable('x-powered-by');
  if (config.HUB_TRUSTED_PROXIES.length > 0) app.set('trust proxy', config.HUB_TRUSTED_PROXIES);
  app.use((_request: Request, response: Response, next: () => void) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    next();
  });
  app.useBodyParser('json', { limit: '5mb' });
  app.useBodyParser('text', { type: 'text/csv', limit: '20mb' });
  app.useBodyParser('raw', { type: excelType, limit: '20mb' });
  if (config.HUB_ROLES.includes('api') && existsSync(pageFolder))
    app.useStaticAssets(pageFolder, { setHeaders: setCaching });
  const server = app.getHttpServer();
  server.keepAliveTimeout = idleMs;
  server.headersTimeout = idleMs + 5_000;
  try {
    await app.listen(config.HUB_HTTP_PORT, config.HUB_HOST);
  } catch (error) {
    const listening = { name: 'HTTP', port: config.HUB_HTTP_PORT, variable: 'HUB_HTTP_PORT', host: config.HUB_HOST };
    throw listenRefusal(error as NodeJS.ErrnoException, listening);
  }
  return (server.address() as { port: number }).port;
};

/** Built files carry their hash in the name and never change; the page that names them must always be asked for. */
const setCaching = (response: Response, path: string): void => {
  response.setHeader('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
};
