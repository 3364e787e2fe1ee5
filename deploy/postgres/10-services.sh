#!/bin/bash
# Runs once, when the cluster is made: for each service a database, the role that owns and migrates it, and the role
# that the service runs as. The second one owns nothing: what it may do, each migration grants, and history it can only
# read and add to.
set -euo pipefail

for service in registry casework alerts funding console; do
    psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
        --set=database="$service" --set=owner="${service}_owner" --set=application="${service}_app" \
        --set=owner_password="$(cat "${SECRETS:-/run/secrets}/${service}_owner_password")" \
        --set=application_password="$(cat "${SECRETS:-/run/secrets}/${service}_app_password")" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"application" LOGIN PASSWORD :'application_password';
CREATE DATABASE :"database" OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"application";
-- After an erasure: to see who might still read what was before, and to begin a new segment of the journal.
GRANT pg_read_all_stats TO :"owner";
\connect :"database"
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO :"owner";
SQL
done
