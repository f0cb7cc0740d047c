-- Run by the superuser at every start: the hub owns its database and is no superuser, Grafana may only read the reporting
-- views. Passwords come from the environment, so a change in .env takes effect at the next start.
\set ON_ERROR_STOP on
\getenv hub_password HUB_DATABASE_PASSWORD
\getenv grafana_password GRAFANA_DATABASE_PASSWORD

SELECT 'CREATE ROLE hub LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hub') \gexec
ALTER ROLE hub WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'hub_password';
ALTER DATABASE hub OWNER TO hub;

SELECT 'CREATE ROLE grafana LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana') \gexec
ALTER ROLE grafana WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 20 PASSWORD :'grafana_password';
-- A panel with too wide a time range must not hold up the hub.
ALTER ROLE grafana SET statement_timeout = '30s';
ALTER ROLE grafana SET default_transaction_read_only = on;

-- The hub lets this role read its reporting views; Grafana's login is a member.
SELECT 'CREATE ROLE xingyuan_report NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'xingyuan_report') \gexec
GRANT xingyuan_report TO grafana;

REVOKE ALL ON DATABASE hub FROM PUBLIC;
GRANT CONNECT ON DATABASE hub TO grafana;
