FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY vendor vendor
RUN npm ci --ignore-scripts
COPY src src
# The image has Node.js; the one that npm brings is for machines that have none.
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/node-linux-* node_modules/.bin/node

# Nothing but /data is written to: docker run --read-only --cap-drop ALL --security-opt no-new-privileges --user node \
#   -v valvomo:/data --env-file .env valvomo
FROM node:26-bookworm-slim
# What SQLite sorts beside memory goes there, too.
# Of glibc: with a heap for each thread, a flood and plots at once take 40 MB more.
ENV NODE_ENV=production DATABASE_URL=file:/data/valvomo.db SQLITE_TMPDIR=/data MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json package-lock.json ./
COPY vendor vendor
COPY src src
COPY deploy/entrypoint.sh /usr/local/bin/
# Without settings it ends with code 2, and leaves the compile cache behind that makes every start lighter. The cache is kept
# by user and by flags, so it is made as the program runs later.
RUN install -d -o node -g node node_modules/.cache \
  && { setpriv --reuid=node --regid=node --init-groups node --max-semi-space-size=4 src/main.js; test $? = 2; }
# A named volume takes over owner and mode of the folder that it is mounted on.
RUN install -d -o node -g node -m 700 /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://' + (process.env.HTTP_HOST || '127.0.0.1') + ':' + (process.env.HTTP_PORT || 8080) + '/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["entrypoint.sh"]
CMD ["node", "--max-semi-space-size=4", "src/main.js"]
