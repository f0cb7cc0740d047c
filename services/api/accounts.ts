import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import type { Account, AccountRole } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const sessionHours = 12;
const attemptsMax = 10;
const attemptWindowMs = 60_000;
const attemptKeysMax = 10_000;
const basicCacheMs = 60_000;

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${(await derive(password, salt, 32)).toString('hex')}`;
};

const passwordMatches = async (password: string, stored: string): Promise<boolean> => {
  const [salt, hash] = stored.split(':').map((part) => Buffer.from(part, 'hex'));
  return timingSafeEqual(await derive(password, salt!, 32), hash!);
};

/** A hash of nothing, compared against for unknown names so that they take as long as wrong passwords. */
const nobody = hashPassword('');

export interface Session extends Account {
  token: string;
  expiresAt: string;
}

/** Counts per name and address what was not right; the eleventh within a minute is refused unheard. */
const createAttempts = (clock: Clock) => {
  const attempts = new Map<string, { count: number; sinceMs: number }>();
  return {
    /** Counts before the slow hash, or a burst of guesses would all be heard. */
    begin(key: string): void {
      const now = clock.now();
      const past = attempts.get(key);
      const current = past === undefined || now - past.sinceMs > attemptWindowMs ? { count: 0, sinceMs: now } : past;
      if (current.count >= attemptsMax) {
        throw new ApiRefusal(429, 'login.too-many-attempts', 'Too many wrong passwords; wait a minute and try again.');
      }
      attempts.set(key, { ...current, count: current.count + 1 });
      if (attempts.size > attemptKeysMax) attempts.delete(attempts.keys().next().value!);
    },
    forget: (key: string): boolean => attempts.delete(key),
    /** Nobody heard this one, so it was no wrong password. */
    takeBack(key: string): void {
      const current = attempts.get(key);
      if (current !== undefined) attempts.set(key, { ...current, count: current.count - 1 });
    },
  };
};

/** Answers whether there was no account of that name yet. */
const insertAccount = async (sql: Sql, name: string, role: AccountRole, password: string): Promise<boolean> => {
  const { rowCount } = await sql.query(
    'INSERT INTO hub.account (name, role, password) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [name, role, await hashPassword(password)],
  );
  return rowCount !== 0;
};

/** People: names, roles, passwords (slow hash), sessions (random tokens, stored as hashes). */
export const createAccounts = (sql: Sql, clock: Clock) => {
  const basic = new Map<string, { account: Promise<Account | undefined>; untilMs: number }>();

  const verify = async (name: string, password: string): Promise<Account | undefined> => {
    const { rows } = await sql.query<{ role: AccountRole; password: string }>(
      'SELECT role, password FROM hub.account WHERE name = $1',
      [name],
    );
    const matches = await passwordMatches(password, rows[0]?.password ?? (await nobody));
    return matches && rows[0] !== undefined ? { user: name, role: rows[0].role } : undefined;
  };

  const attempts = createAttempts(clock);
  const guarded = async (name: string, password: string, address: string): Promise<Account | undefined> => {
    const key = `${name}|${address}`;
    attempts.begin(key);
    const account = await verify(name, password).catch((error: unknown) => {
      attempts.takeBack(key);
      throw error;
    });
    if (account !== undefined) attempts.forget(key);
    return account;
  };

  return {
    verify: guarded,
    async login(name: string, password: string, address: string): Promise<Session> {
      const account = await guarded(name, password, address);
      if (account === undefined) throw new ApiRefusal(401, 'login.refused', 'User name or password is not right.');
      const token = randomBytes(32).toString('base64url');
      const expiresAt = isoTime(clock.now() + sessionHours * 3_600_000);
      await sql.query('DELETE FROM hub.session WHERE expires_at < $1', [isoTime(clock.now())]);
      await sql.query('INSERT INTO hub.session VALUES ($1, $2, $3)', [sha256(token), name, expiresAt]);
      return { ...account, token, expiresAt };
    },
    async logout(token: string): Promise<void> {
      await sql.query('DELETE FROM hub.session WHERE token_sha256 = $1', [sha256(token)]);
    },
    async bySession(token: string): Promise<(Account & { expiresAt: string }) | undefined> {
      const { rows } = await sql.query<{ name: string; role: AccountRole; expires_at: Date }>(
        `SELECT name, role, expires_at FROM hub.session JOIN hub.account USING (name)
         WHERE token_sha256 = $1 AND expires_at > $2`,
        [sha256(token), isoTime(clock.now())],
      );
      const row = rows[0];
      return row && { user: row.name, role: row.role, expiresAt: row.expires_at.toISOString() };
    },
    /** HTTP Basic, for scrapers and curl; remembered for a minute, and asked once at a time: the hash is slow on purpose. */
    byBasic(header: string, address: string): Promise<Account | undefined> {
      const key = sha256(header);
      const cached = basic.get(key);
      if (cached !== undefined && cached.untilMs > clock.now()) return cached.account;
      const decoded = Buffer.from(header.replace(/^Basic /i, ''), 'base64').toString();
      const colon = decoded.indexOf(':');
      const account = guarded(decoded.slice(0, colon), decoded.slice(colon + 1), address);
      if (basic.size > 1000) basic.clear();
      basic.set(key, { account, untilMs: clock.now() + basicCacheMs });
      const forget = (): boolean => basic.delete(key);
      account.then((found) => found ?? forget(), forget);
      return account;
    },
    async create(name: string, role: AccountRole, password: string): Promise<void> {
      const isNew = await insertAccount(sql, name, role, password);
      if (!isNew) throw new ApiRefusal(409, 'account.exists', `there is an account ${name} already`);
    },
    async list(): Promise<{ user: string; role: AccountRole }[]> {
      const { rows } = await sql.query<{ user: string; role: AccountRole }>(
        'SELECT name AS "user", role FROM hub.account ORDER BY name',
      );
      return rows;
    },
    /** Creates `admin` on an empty database. Answers the password when it had to make one up. */
    async ensureAdmin(password: string | undefined): Promise<string | undefined> {
      const { rows } = await sql.query('SELECT 1 FROM hub.account LIMIT 1');
      if (rows.length > 0) return undefined;
      const chosen = password ?? randomBytes(12).toString('base64url');
      // Processes of several roles start at once, and only the first of them has a password to tell.
      const isNew = await insertAccount(sql, 'admin', 'admin', chosen);
      return isNew && password === undefined ? chosen : undefined;
    },
  };
};

export type Accounts = ReturnType<typeof createAccounts>;
