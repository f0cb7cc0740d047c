import type { TlsMaterial } from '../ingest/mqtt/tls-material.ts';
import { createOcppServer, type OcppServer, type OcppServerParts } from '../ocpp/ocpp-server.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';

export interface OcppDoor extends Pick<OcppServer, 'isConnected' | 'send' | 'dismiss' | 'close'> {
  /** Where the settings say so. */
  listen(): Promise<void>;
  port(): number | undefined;
  tlsPort(): number | undefined;
}

/** The central system for charging posts, beside the MQTT endpoint and with its rules about who may. */
export const buildOcpp = (
  { config, index, logger }: { config: Config; index: RegistryIndex; logger: Logger },
  application: OcppServerParts['application'],
  material: TlsMaterial | undefined,
): OcppDoor => {
  const server = createOcppServer({
    ...{ application, index, clock: systemClock },
    failed: (error, doing) => logger.error({ err: error }, `OCPP: ${doing}`),
  });
  const { HUB_OCPP_PORT: wished, HUB_OCPP_TLS_PORT: wishedTls, HUB_HOST: host } = config;
  let port: number | undefined;
  let tlsPort: number | undefined;
  return {
    ...server,
    async listen() {
      if (wished !== undefined) ({ port } = await server.listen(wished, host));
      if (wishedTls !== undefined) ({ port: tlsPort } = await server.listenTls(material!, wishedTls, host));
    },
    port: () => port,
    tlsPort: () => tlsPort,
  };
};
