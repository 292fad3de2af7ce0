# syntax=docker/dockerfile:1
# The operator's image: one file and Node 24, nothing else. test/tools/dockerfile.test.ts runs these steps without Docker.
#
#   docker build -t registry.example.com/maestro-dr:0.1.0 .
#
# Name a mirror, or a digest, where you have one: --build-arg BUILD_IMAGE=… --build-arg RUNTIME_IMAGE=…
ARG BUILD_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# First what seldom changes, so that a change of the sources alone does not fetch the packages again.
COPY package.json package-lock.json .npmrc ./
# With the optional ones: the bundler follows pg to one of them.
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
# It also checks that the bundle needs no package and holds nothing of the sandbox.
RUN npm run build

FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build --chown=0:0 --chmod=0444 /build/dist/maestro-dr.cjs ./
# Numeric, or runAsNonRoot could not be checked. It writes nothing: the root may be read-only.
USER 65532:65532
# The allocator gives back what a thousand TLS sessions have left (docs/benchmarks.md): one arena instead of one for each
# thread, large blocks apart, and small ones joined at once instead of kept for their like.
ENV NODE_ENV=production \
    GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=4096:glibc.malloc.trim_threshold=65536:glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0
# /metrics, /healthz, /readyz
EXPOSE 8080
# The image's entry point is node. It waits for others nearly all the time: memory is worth more to it than throughput.
CMD ["--max-semi-space-size=1", "--optimize-for-size", "maestro-dr.cjs"]
