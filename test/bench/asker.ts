import { Agent, get } from 'node:http';

/**
 * Asks as somebody on another machine would: reads an answer to its end and keeps nothing of it. Who parses it makes
 * garbage, and looking for that takes both processors from the hub that is being measured. Rejects for any answer but 200.
 */
export const openAsker = async (url: string, user: string, password: string) => {
  const login = await fetch(new URL('/api/login', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  const { token } = (await login.json()) as { token: string };
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${token}` };
  return (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const asking = get(new URL(path, url), { agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`${path} was answered with ${answer.statusCode}`));
        });
      });
      asking.once('error', reject);
    });
};
