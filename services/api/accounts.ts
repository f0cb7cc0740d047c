import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import { createFairTurns, TooManyWaiting } from './fair-turns.ts';
import { createAttempts, networkOf } from './login-attempts.ts';
import type { Account } from './operation.ts';
import { hashPassword, passwordMatches } from './password-hashing.ts';
import { ApiRefusal } from './problem.ts';

const sessionHours = 12;
const basicCacheMs = 60_000;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A hash of nothing, compared against for unknown names so that they take as long as wrong passwords. */
const nobody = hashPassword('');

export interface Session extends Account {
  token: string;
  expiresAt: string;
}

/** Answers whether there was no account of that name yet. */
const insertAccount = async (sql: Sql, { user, role, department }: Account, password: string): Promise<boolean> => {
  const { rowCount } = await sql.query(
    'INSERT INTO hub.account (name, role, department, password) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [user, role, department, await hashPassword(password)],
  );
  return rowCount !== 0;
};

/** Who has an account at all. */
const createRoll = (sql: Sql) => ({
  async create(account: Account, password: string): Promise<void> {
    const isNew = await insertAccount(sql, account, password);
    if (!isNew) throw new ApiRefusal(409, 'account.exists', `there is an account ${account.user} already`);
  },
  async list(): Promise<Account[]> {
    const { rows } = await sql.query<Account>('SELECT name AS "user", role, department FROM hub.account ORDER BY name');
    return rows;
  },
  /** Whether the configured password is not the one that `admin` has: it counts at the first start only. */
  async isOtherThanAdmins(password: string): Promise<boolean> {
    const { rows } = await sql.query<{ password: string }>(`SELECT password FROM hub.account WHERE name = 'admin'`);
    return rows[0] !== undefined && !(await passwordMatches(password, rows[0].password));
  },
  /** Creates `admin` on an empty database. Answers the password when it had to make one up. */
  async ensureAdmin(password: string | undefined): Promise<string | undefined> {
    const { rows } = await sql.query('SELECT 1 FROM hub.account LIMIT 1');
    if (rows.length > 0) return undefined;
    const chosen = password ?? randomBytes(12).toString('hex');
    // Processes of several roles start at once, and only the first of them has a password to tell.
    const isNew = await insertAccount(sql, { user: 'admin', role: 'admin', department: null }, chosen);
    return isNew && password === undefined ? chosen : undefined;
  },
});

/** Two of the four threads that Node has for such work, so that files and names are still looked up meanwhile. */
const hashing = { atOnceMax: 2, waitingMax: 1_000, waitingPerOneMax: 100 };

/** Checks names and passwords, without letting anybody's flood of them hold up the others. */
const createVerifier = (sql: Sql, clock: Clock) => {
  const inTurn = createFairTurns(hashing);
  const attempted = createAttempts(clock);

  const verify = async (name: string, password: string, network: string): Promise<Account | undefined> => {
    const { rows } = await sql.query<Omit<Account, 'user'> & { password: string }>(
      'SELECT role, department, password FROM hub.account WHERE name = $1',
      [name],
    );
    const stored = rows[0]?.password ?? (await nobody);
    const matches = await inTurn(network, () => passwordMatches(password, stored));
    return matches && rows[0] !== undefined
      ? { user: name, role: rows[0].role, department: rows[0].department }
      : undefined;
  };

  return async (name: string, password: string, address: string): Promise<Account | undefined> => {
    const network = networkOf(address);
    try {
      return await attempted(name, network, () => verify(name, password, network));
    } catch (error) {
      if (!(error instanceof TooManyWaiting)) throw error;
      throw new ApiRefusal(503, 'login.too-many-waiting', 'Too many passwords are waiting; try again in a moment.');
    }
  };
};

/** People: names, roles, passwords (slow hash), sessions (random tokens, stored as hashes). */
export const createAccounts = (sql: Sql, clock: Clock) => {
  const basic = new Map<string, { account: Promise<Account | undefined>; untilMs: number }>();
  const guarded = createVerifier(sql, clock);

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
      const { rows } = await sql.query<Account & { expires_at: Date }>(
        `SELECT name AS "user", role, department, expires_at FROM hub.session JOIN hub.account USING (name)
         WHERE token_sha256 = $1 AND expires_at > $2`,
        [sha256(token), isoTime(clock.now())],
      );
      if (rows[0] === undefined) return undefined;
      const { expires_at, ...account } = rows[0];
      return { ...account, expiresAt: expires_at.toISOString() };
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
    /** Ends the person's other sessions too: whoever knew the old password is out. */
    async changePassword(
      { name, current, next }: { name: string; current: string; next: string },
      address: string,
      token: string | undefined,
    ): Promise<void> {
      if ((await guarded(name, current, address)) === undefined) {
        throw new ApiRefusal(403, 'account.wrong-password', 'The current password is not right.');
      }
      await sql.query('UPDATE hub.account SET password = $2 WHERE name = $1', [name, await hashPassword(next)]);
      await sql.query('DELETE FROM hub.session WHERE name = $1 AND token_sha256 <> $2', [name, sha256(token ?? '')]);
      basic.clear();
    },
    ...createRoll(sql),
  };
};

export type Accounts = ReturnType<typeof createAccounts>;
