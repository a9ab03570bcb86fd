#!/bin/sh
# Some hosts mount volumes that belong to root. So the container may start as root: it hands over the folder of the
# database and goes on as the unprivileged user `node`. Started as any other user, it just goes on.
set -eu
if [ "$(id -u)" = 0 ]; then
  chown node:node /data
  exec setpriv --reuid=node --regid=node --init-groups --no-new-privs --inh-caps=-all "$@"
fi
exec "$@"
