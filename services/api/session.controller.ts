import { Controller, Inject, Req, Res } from '@nestjs/common';
import { z } from 'zod';
import { ladder } from '../work-orders/ladder/carry-out-matter.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { accountRoles, loginAnswer, loginRequest, me } from './schemas.ts';
import { sessionCookie, sessionToken } from './session.guard.ts';

const accountItem = z.object({ user: z.string(), role: z.enum(accountRoles), department: z.string().nullable() });
const departments = ladder.departments.map(({ id }) => id) as [string, ...string[]];
const password = z.string().min(8, 'at least 8 characters').max(500);
const newAccount = z
  .strictObject({
    user: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dot, hyphen')
      .max(100),
    role: z.enum(accountRoles),
    /** Of the street's alliance: the only one that the account speaks for, and sees the matters of. */
    department: z.enum(departments).nullable().default(null),
    password,
  })
  .refine(({ role, department }) => department === null || role === 'department', {
    message: 'only an account of the role department has one',
    path: ['department'],
  });

const login = operation({
  method: 'post',
  path: '/api/login',
  summary: 'Log in: answers a bearer token, and sets the same as a cookie for the page',
  role: 'nobody',
  body: loginRequest,
  answer: loginAnswer,
});
const logout = operation({
  method: 'post',
  path: '/api/logout',
  summary: 'End the session',
  role: 'viewer',
  status: 204,
});
const whoAmI = operation({ method: 'get', path: '/api/me', summary: 'Who is logged in', role: 'viewer', answer: me });
const changePassword = operation({
  method: 'post',
  path: '/api/account/password',
  summary: 'Change the password of one’s own account; ends its other sessions',
  role: 'viewer',
  status: 204,
  body: z.strictObject({ current: z.string().min(1).max(500), new: password }),
});
const accounts = operation({
  method: 'get',
  path: '/api/accounts',
  summary: 'Accounts of people',
  role: 'admin',
  answer: z.object({ items: z.array(accountItem), next: z.null() }),
});
const create = operation({
  method: 'post',
  path: '/api/accounts',
  summary: 'Create an account for a person',
  role: 'admin',
  status: 201,
  body: newAccount,
  answer: accountItem,
});

interface Request {
  headers: Record<string, string | undefined>;
  ip?: string;
  /** Over TLS, as the connection itself or a trusted proxy says. */
  secure?: boolean;
}
interface Response {
  cookie(name: string, value: string, options: Record<string, unknown>): void;
  clearCookie(name: string): void;
}

/** A proxy that isn't configured may say it too: the cookie is only the safer for it. */
const cameOverTls = ({ secure, headers }: Request): boolean =>
  secure === true || headers['x-forwarded-proto']?.split(',')[0]?.trim().toLowerCase() === 'https';

@Controller()
export class SessionController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(login)
  async login(
    @Input() { body }: InputOf<typeof login>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof loginAnswer>> {
    const session = await this.parts.accounts.login(body.user, body.password, request.ip ?? '');
    response.cookie(sessionCookie, session.token, {
      httpOnly: true,
      sameSite: 'strict',
      secure: cameOverTls(request),
      expires: new Date(session.expiresAt),
      path: '/',
    });
    return session;
  }

  @Operation(logout)
  async logout(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const token = sessionToken(request.headers);
    if (token !== undefined) await this.parts.accounts.logout(token);
    response.clearCookie(sessionCookie);
  }

  @Operation(whoAmI)
  async me(@Input() { account }: InputOf<typeof whoAmI>, @Req() request: Request): Promise<z.infer<typeof me>> {
    const token = sessionToken(request.headers);
    const session = token === undefined ? undefined : await this.parts.accounts.bySession(token);
    if (session === undefined)
      throw new ApiRefusal(401, 'login.needed', `${account.user} has no session; log in with POST /api/login.`);
    return session;
  }

  @Operation(changePassword)
  async changePassword(
    @Input() { body, account }: InputOf<typeof changePassword>,
    @Req() request: Request,
  ): Promise<void> {
    const change = { name: account.user, current: body.current, next: body.new };
    await this.parts.accounts.changePassword(change, request.ip ?? '', sessionToken(request.headers));
  }

  @Operation(accounts)
  async accounts() {
    return { items: await this.parts.accounts.list(), next: null };
  }

  @Operation(create)
  async create(@Input() { body }: InputOf<typeof create>) {
    const { password: chosen, ...account } = body;
    await this.parts.accounts.create(account, chosen);
    return account;
  }
}
