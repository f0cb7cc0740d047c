const pg = require('pg');

/** Node-RED without its editor; the flow's function finds a pool of connections in the global context. */
module.exports = {
  uiPort: 0,
  uiHost: '127.0.0.1',
  httpAdminRoot: false,
  httpNodeRoot: false,
  credentialSecret: false,
  functionGlobalContext: {
    pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
