/** Running totals since the start, read by the metrics when they are scraped: nothing is called back per message. */
export interface MqttCounters {
  connectionsAccepted: number;
  connectionsRefused: number;
  packetsRejected: number;
  bytesReceived: number;
  publishesReceived: number;
  /** Answered by the application, whatever the outcome. */
  publishesAnswered: number;
  publishesRefused: number;
  /** Due when the connection ended: the sender will say these messages again. */
  acknowledgementsDropped: number;
  messagesDelivered: number;
  messagesUndelivered: number;
}

export const noCounts = (): MqttCounters => ({
  connectionsAccepted: 0,
  connectionsRefused: 0,
  packetsRejected: 0,
  bytesReceived: 0,
  publishesReceived: 0,
  publishesAnswered: 0,
  publishesRefused: 0,
  acknowledgementsDropped: 0,
  messagesDelivered: 0,
  messagesUndelivered: 0,
});
