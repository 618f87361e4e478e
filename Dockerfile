# IAM Logs Gateway in a container.
#
#   docker build -t iam-logs .
#   docker run -p 127.0.0.1:4000:4000 -v iam-logs:/data iam-logs
#   docker exec CONTAINER iam-logs token create --organization ID --owner

# The published package, built by npm.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --no-audit --no-fund
RUN npm pack --silent \
 && mkdir /app \
 && tar -xzf iam-logs-gateway-*.tgz -C /app --strip-components 1 \
 && cp package-lock.json /app/

# The packages it needs at run time.
WORKDIR /app
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
COPY --from=build /app /app
RUN ln -s /app/src/cli/iam-logs.js /usr/local/bin/iam-logs \
 && install -d -o node -g node -m 700 /data
USER node
WORKDIR /data
VOLUME /data
ENV NODE_ENV=production \
    IAM_LOGS_DATABASE=/data/iam-logs.db \
    IAM_LOGS_HOST=0.0.0.0 \
    IAM_LOGS_PORT=4000 \
    IAM_LOGS_ADDRESS_FILE=/dev/shm/iam-logs
EXPOSE 4000
# Healthy if the database responds. The check reads the server's address from IAM_LOGS_ADDRESS_FILE, so it works with any
# options.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "/app/packaging/healthcheck.js"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["iam-logs"]
CMD ["serve", "--no-sample"]
