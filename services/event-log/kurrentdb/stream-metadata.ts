interface Metadata {
  maxAge?: number;
}

/** As far as both clients agree. */
interface MetadataClient {
  getStreamMetadata(stream: string, options: { requiresLeader: boolean }): Promise<{ metadata?: Metadata }>;
  setStreamMetadata(stream: string, metadata: Metadata): Promise<unknown>;
}

/** Sets `$maxAge`, or takes it away, where it differs; what else somebody has set for the stream stays. */
export const keepFor = async (
  client: MetadataClient,
  stream: string,
  maxAgeSeconds: number | undefined,
): Promise<void> => {
  const { metadata = {} } = await client.getStreamMetadata(stream, { requiresLeader: true });
  const { maxAge, ...others } = metadata;
  if (maxAge === maxAgeSeconds) return;
  await client.setStreamMetadata(stream, maxAgeSeconds === undefined ? others : { ...others, maxAge: maxAgeSeconds });
};
