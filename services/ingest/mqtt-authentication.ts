import { secretHash, secretOf } from '../registry/credential.ts';
import { type CertificateUse, type ClientCertificate, judgeCertificate } from '../registry/device-certificate.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { MqttConnectionInfo, MqttPrincipal, MqttTurnedAway } from './mqtt/application.ts';
import type { StrangerReason, TellStranger } from './strangers.ts';

export interface AuthenticationParts {
  index: RegistryIndex;
  /** People, for property systems that read work orders. */
  verifyAccount(name: string, password: string, address: string): Promise<{ user: string; role: string } | undefined>;
  /** Told of every device that came with its password; left out, nobody keeps when. */
  credentialUsed?(device: string, which: 'present' | 'former'): void;
  /** The same of every device that came with a certificate. */
  certificateUsed?(device: string, use: CertificateUse): void;
  /** Told of who was turned away; left out, nobody remembers them. */
  turnedAway?: TellStranger;
  clock: Clock;
}

/** Without the port, which is another one at every try. */
const hostOf = ({ remoteAddress }: MqttConnectionInfo): string => remoteAddress.replace(/:\d+$/, '');

/** A device that was let in, and whether what it proved then counts still. */
interface Proven {
  principal: MqttPrincipal;
  stillCounts(): boolean;
}

const createProofs = ({
  index,
  credentialUsed,
  certificateUsed,
  clock,
}: Pick<AuthenticationParts, 'index' | 'credentialUsed' | 'certificateUsed' | 'clock'>) => {
  const principalOf = (id: string): MqttPrincipal => {
    const { compound } = index.device(id)!;
    return { kind: 'device', id, compound };
  };

  const byPassword = (username: string, password: Uint8Array | undefined): Proven | undefined => {
    const credential = index.credential(username);
    if (credential === undefined || password === undefined) return undefined;
    const which = secretOf(credential, password, clock.now());
    if (which === undefined) return undefined;
    credentialUsed?.(credential.device, which);
    const secret = secretHash(password);
    return {
      principal: principalOf(credential.device),
      stillCounts() {
        const known = index.credential(username);
        return known?.secretSha256 === secret || known?.former?.secretSha256 === secret;
      },
    };
  };

  /** A user name or a password beside the certificate must be its device's own. */
  const byCertificate = (
    certificate: ClientCertificate,
    username: string | undefined,
    password: Uint8Array | undefined,
  ): Proven | MqttTurnedAway => {
    const { name } = certificate;
    const judge = () => judgeCertificate(index, certificate, clock.now());
    const judged = judge();
    if ('problem' in judged) return { turnedAway: `the client certificate is not accepted: ${judged.problem}` };
    const beside = password === undefined ? undefined : byPassword(name, password);
    if ((username ?? name) !== name || (password !== undefined && beside === undefined)) {
      return { turnedAway: `the client certificate is of ${name}, user name or password are not` };
    }
    certificateUsed?.(name, judged);
    return {
      principal: principalOf(name),
      stillCounts: () => !('problem' in judge()) && (beside?.stillCounts() ?? true),
    };
  };
  return { byPassword, byCertificate };
};

/** Who a client is, by certificate or by password. */
export const createAuthentication = (parts: AuthenticationParts) => {
  const { index, verifyAccount, turnedAway } = parts;
  const { byPassword, byCertificate } = createProofs(parts);
  const proven = new WeakMap<MqttPrincipal, Proven>();

  /** Where nobody has an authority, a certificate says nothing for or against its client. */
  const judgedOf = ({ certificate }: MqttConnectionInfo): ClientCertificate | undefined => {
    const ofOperator = certificate?.isOperators || certificate?.operatorsProblem !== undefined;
    return ofOperator || index.hasAuthorities() ? certificate : undefined;
  };

  const accountOf = async (
    name: string,
    password: Uint8Array,
    connection: MqttConnectionInfo,
  ): Promise<MqttPrincipal | undefined> => {
    const account = await verifyAccount(name, Buffer.from(password).toString(), hostOf(connection)).catch(
      (error: { code?: unknown }) => {
        // Not heard after too many wrong ones: to a client that is one more wrong one, and no defect of ours.
        if (error.code === 'login.too-many-attempts') return undefined;
        throw error;
      },
    );
    return account && { kind: 'user', id: account.user, role: account.role };
  };

  const identify = async (
    username: string | undefined,
    password: Uint8Array | undefined,
    connection: MqttConnectionInfo,
  ): Promise<MqttPrincipal | MqttTurnedAway | undefined> => {
    const certificate = judgedOf(connection);
    const isDevice = username !== undefined && index.credential(username) !== undefined;
    if (certificate === undefined && !isDevice) {
      return username === undefined || password === undefined ? undefined : accountOf(username, password, connection);
    }
    const proof =
      certificate === undefined ? byPassword(username!, password) : byCertificate(certificate, username, password);
    if (proof === undefined || 'turnedAway' in proof) return proof;
    proven.set(proof.principal, proof);
    return proof.principal;
  };

  const whyNot = (username: string | undefined, connection: MqttConnectionInfo): StrangerReason => {
    if (judgedOf(connection) !== undefined) return 'unknown-certificate';
    if (username === undefined) return 'no-credentials';
    return index.credential(username) === undefined ? 'unknown-user' : 'wrong-password';
  };

  return {
    async authenticate(
      username: string | undefined,
      password: Uint8Array | undefined,
      connection: MqttConnectionInfo,
    ): Promise<MqttPrincipal | MqttTurnedAway | undefined> {
      const principal = await identify(username, password, connection);
      if (principal === undefined || 'turnedAway' in principal) {
        const { clientId, certificate, protocolVersion } = connection;
        const stranger = { username, clientId, protocolVersion, address: hostOf(connection) };
        const reason = whyNot(username, connection);
        void turnedAway?.({ ...stranger, certificateName: certificate?.name, reason });
      }
      return principal;
    },
    /** Between the proof and the place in the table a password may have been issued, or a certificate revoked. */
    stillCounts: (principal: MqttPrincipal): boolean => proven.get(principal)?.stillCounts() ?? true,
  };
};
