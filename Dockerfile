# syntax=docker/dockerfile:1
# Three images: scheduler (api, migrate and the other commands), worker (the same program with Chromium), portalsim (the
# imitation portal, for trials only). docker build --target scheduler|worker|portalsim .
# For builds that are the same byte for byte, give the base images with a digest: --build-arg DEBIAN_IMAGE=debian@sha256:...
ARG GO_IMAGE=golang:1.26.8
ARG NODE_IMAGE=node:22-bookworm-slim
ARG DEBIAN_IMAGE=debian:bookworm-slim

# The web UI, which the program carries.
FROM ${NODE_IMAGE} AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY web/index.html web/vite.config.ts web/tsconfig.json ./
COPY web/public public
COPY web/src src
RUN npm run build

FROM ${GO_IMAGE} AS build
# The toolchain of the image, never one that is fetched; no cgo, so that the programs run on any Linux.
ENV GOTOOLCHAIN=local CGO_ENABLED=0
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
# Time zones are embedded in the program, so the images below need no tzdata.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
	go build -trimpath -ldflags="-s -w" -o /out/ ./cmd/fossawork-scheduler ./cmd/portalsim

FROM ${DEBIAN_IMAGE} AS base
RUN apt-get update \
	&& apt-get install --no-install-recommends --yes ca-certificates \
	&& rm -rf /var/lib/apt/lists/*
# A number that hosts rarely use. The directory must belong to the user: a new volume takes its owner from here.
RUN groupadd --gid 10001 fossawork \
	&& useradd --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin fossawork \
	&& install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/fossawork
COPY --chmod=0755 deploy/container/http-ok deploy/container/make-secrets /usr/local/bin/
USER 10001:10001
WORKDIR /home/fossawork

FROM base AS scheduler
COPY --from=build /out/fossawork-scheduler /usr/local/bin/
EXPOSE 8000
ENTRYPOINT ["fossawork-scheduler"]
CMD ["api"]

FROM base AS worker
USER root
# The smallest Chromium there is; the package brings the fonts and libraries that it needs. Before our program is copied, so
# that a change of ours does not install it again.
RUN apt-get update \
	&& apt-get install --no-install-recommends --yes chromium-headless-shell \
	&& rm -rf /var/lib/apt/lists/*
# Not root: as root Chromium would have to run without its sandbox.
USER 10001:10001
COPY --from=build /out/fossawork-scheduler /usr/local/bin/
ENTRYPOINT ["fossawork-scheduler"]
CMD ["worker"]

FROM base AS portalsim
COPY --from=build /out/portalsim /usr/local/bin/
EXPOSE 8090
ENTRYPOINT ["portalsim"]
CMD ["--listen", "0.0.0.0:8090"]
