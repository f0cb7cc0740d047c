/** Trades that the hub's own policy sends orders to; an order may carry another. */
export const trades = ['access', 'electrical', 'fire', 'gas', 'general', 'lift', 'network', 'plumbing', 'video'];
