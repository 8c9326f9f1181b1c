#!/bin/sh
# The primary: it has the zones' files, and tells the fleet of each new version.
exec twistd -n --pidfile=primary.pid dns --port 5300 --interface 127.0.0.1 \
    --bindzone example.com.zone --bindzone example.net.zone \
    --make-catalog catalog.example \
    --tsig-key transfer.key --allow-transfer key:transfer.example --state-dir state \
    --also-notify key:transfer.example@127.0.0.1:5301 \
    --also-notify key:transfer.example@127.0.0.1:5302 \
    --also-notify key:transfer.example@127.0.0.1:5303 \
    --also-notify key:transfer.example@127.0.0.1:5304
