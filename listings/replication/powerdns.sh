#!/bin/sh
# What PowerDNS has in its database, not in its settings: the key, and the catalog of which it is a consumer.
set -e
sqlite3 pdns/zones.sqlite3 < /usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql
pdnsutil --config-dir=. import-tsig-key transfer.example hmac-sha256 zCXrmZbISaq5F3sVpi/o2XeKzTmPYQb4zgyRGYVqVnc=
pdnsutil --config-dir=. create-secondary-zone catalog.example 127.0.0.1:5300
pdnsutil --config-dir=. set-kind catalog.example consumer
pdnsutil --config-dir=. activate-tsig-key catalog.example transfer.example secondary
# The zones that a catalog brings have no key and no IXFR by themselves; so each of them gets both when it is made.
sqlite3 pdns/zones.sqlite3 <<'SQL'
CREATE TRIGGER member AFTER INSERT ON domains BEGIN
    INSERT INTO domainmetadata (domain_id, kind, content) VALUES
        (new.id, 'AXFR-MASTER-TSIG', 'transfer.example'),
        (new.id, 'IXFR', '1');
END;
SQL
