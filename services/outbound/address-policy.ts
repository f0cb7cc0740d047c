import { BlockList, isIP } from 'node:net';
import { networkOf } from '../runtime/network.ts';

/**
 * Addresses that are nobody's on the internet (IANA's special-purpose registries): this machine, its network, the
 * cloud's metadata, documentation, multicast. A target there would let whoever may register one ask around inside.
 */
const reserved = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const text of networks) {
    const network = networkOf(text);
    if (network === undefined) throw new RangeError(`${text} is no network`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return list;
};

export interface AddressPolicy {
  /** Why no connection goes to this address (an IP); `undefined` where one may. */
  refuses(address: string, protocol: string): string | undefined;
  /** Why this URL can't be a target at all, as far as that shows without asking for its address. */
  refusesUrl(url: string): string | undefined;
}

/** `allowed`: networks of the property company or of this machine that targets may stand in all the same. */
export const createAddressPolicy = (allowed: readonly string[]): AddressPolicy => {
  const inside = listOf(reserved);
  const open = listOf(allowed);
  const isIn = (list: BlockList, address: string): boolean => {
    // An IPv4 address in IPv6's clothes is judged as what it is.
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
    const plain = mapped ?? address;
    return list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
  };
  const refuses = (address: string, protocol: string): string | undefined => {
    if (isIP(address) === 0) return `${address} is no IP address`;
    if (isIn(open, address)) return undefined;
    if (isIn(inside, address)) return `${address} is a private or reserved address; HUB_TARGET_NETWORKS can allow it`;
    if (protocol !== 'https:') return `${address} is on the internet, where only https is spoken`;
    return undefined;
  };
  return {
    refuses,
    refusesUrl(text) {
      if (!URL.canParse(text) || !/^https?:/i.test(text)) return 'an address like https://host/path';
      const url = new URL(text);
      if (url.username !== '' || url.password !== '') return 'no user or password in the address: messages are signed';
      if (url.hash !== '') return 'no fragment in the address';
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) !== 0) return refuses(host, url.protocol);
      if (url.protocol === 'http:' && allowed.length === 0) return 'https: plain http goes only to HUB_TARGET_NETWORKS';
      return undefined;
    },
  };
};
