import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Accounts } from './accounts.ts';
import { type Account, type AccountRole, type RequiredRole, specOf } from './operation.ts';
import { ApiRefusal } from './problem.ts';

export const sessionCookie = 'xingyuan_session';

interface Request {
  headers: Record<string, string | undefined>;
  ip?: string;
  account?: Account;
}

const rank: Record<AccountRole, number> = { viewer: 1, community: 1, department: 1, operator: 2, admin: 3 };

export const sessionToken = (headers: Request['headers']): string | undefined =>
  headers.authorization?.match(/^Bearer (\S+)$/i)?.[1] ??
  headers.cookie
    ?.split('; ')
    .find((part) => part.startsWith(`${sessionCookie}=`))
    ?.slice(sessionCookie.length + 1);

/** Nobody passes without an account of the operation's role, but for the operations that say `nobody`. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(private readonly accounts: Accounts) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const required: RequiredRole = specOf(context.getHandler())?.role ?? 'admin';
    if (required === 'nobody') return true;
    const request = context.switchToHttp().getRequest<Request>();
    const account = await this.accountOf(request);
    if (account === undefined) {
      throw new ApiRefusal(401, 'login.needed', 'Log in with POST /api/login and send the token as a bearer token.');
    }
    if (rank[account.role] < rank[required]) {
      throw new ApiRefusal(
        403,
        'login.role-too-low',
        `This needs the role ${required}; ${account.user} is ${account.role}.`,
      );
    }
    request.account = account;
    return true;
  }

  private async accountOf(request: Request): Promise<Account | undefined> {
    const { authorization } = request.headers;
    if (authorization !== undefined && /^Basic /i.test(authorization)) {
      return this.accounts.byBasic(authorization, request.ip ?? '');
    }
    const token = sessionToken(request.headers);
    return token === undefined ? undefined : this.accounts.bySession(token);
  }
}
