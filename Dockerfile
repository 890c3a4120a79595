# The control plane, from this repository alone: docker build -t meshless-control-plane .
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY simulator/package.json simulator/
COPY cli/package.json cli/
COPY control-plane control-plane
COPY kubernetes kubernetes
COPY scripts scripts
COPY page page
COPY src src
RUN npm ci --no-audit --no-fund
RUN npm exec -- node scripts/build.ts . kubernetes control-plane
# Its own dependencies, as the lock file has them, and nobody else's.
RUN npm ci --no-audit --no-fund --omit=dev --ignore-scripts --workspace control-plane --include-workspace-root=false
# Of the repository itself, npm has made no link: it is a peer.
RUN ln -s .. node_modules/meshless
RUN rm -r control-plane/src kubernetes/src
RUN mkdir ../app
RUN cp -R package.json dist node_modules control-plane kubernetes ../app/

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /app /app
WORKDIR /app
USER 65532:65532
EXPOSE 18000 18001 18002
ENTRYPOINT ["/nodejs/bin/node", "/app/control-plane/bin/meshless-control-plane.js"]
CMD ["--help"]
