# Built where the tools are, run where they are not.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json ./
COPY config config
COPY src src
COPY di di
# `prepare` builds dist/. What runs needs neither the tools nor the packages that they put into the build.
RUN npm ci --no-audit --no-fund && npm prune --omit=dev --omit=peer --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/config/profiles config/profiles
COPY --from=build /build/dist dist
# A user of its own, and one folder that it may write: the journal outlives the container.
RUN groupadd --gid 10001 perpsbot && useradd --uid 10001 --gid 10001 --no-create-home perpsbot \
  && mkdir -p /var/lib/perpsbot && chown perpsbot:perpsbot /var/lib/perpsbot
USER 10001:10001
VOLUME /var/lib/perpsbot
# The first cycle is over in seconds; a bot that is halted is alive (see `perpsbot health --help`).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "dist/launch.js", "health", "--state", "/var/lib/perpsbot"]
# `node` is process 1: it hears SIGTERM and ends in order, orders first.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/launch.js"]
CMD ["start", "--state", "/var/lib/perpsbot"]
