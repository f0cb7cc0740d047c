import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const html = readFileSync(new URL('./intake-page.html', import.meta.url), 'utf8');
const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));

/** The residents' page: one file, so that it comes over a bad line in one go. */
export const intakePage = {
  html,
  /** It runs this one script and nothing else; what a camera takes is shown from memory (`blob:`). */
  contentSecurityPolicy:
    "default-src 'none'; connect-src 'self'; img-src 'self' blob: data:; style-src 'unsafe-inline'; " +
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`,
};
