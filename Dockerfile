# One image for all services; compose.yaml says which one a container runs. `make image` builds it,
# with Docker or without. Debian bookworm and Python 3.11 (Node.js 22 for the page) are what it needs
# of its bases, so others may be named: --build-arg PYTHON_IMAGE=... NODE_IMAGE=...
ARG NODE_IMAGE=node:22.20.0-bookworm-slim
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

# The secret `ca`: the certificates of a network that has its own, for the downloads alone.
FROM ${NODE_IMAGE} AS page
WORKDIR /src
COPY dapp/package.json dapp/package-lock.json dapp/.npmrc dapp/
RUN --mount=type=secret,id=ca \
    NODE_EXTRA_CA_CERTS=$(ls /run/secrets/ca 2>/dev/null) npm ci --prefix dapp
COPY contracts/artifacts contracts/artifacts
COPY dapp dapp
RUN npm run build --prefix dapp

# The services need none of the contract tooling; without it every package has a wheel. Versions
# and hashes are the lock's.
FROM ${PYTHON_IMAGE} AS packages
WORKDIR /src
COPY requirements.txt requirements.lock ./
RUN --mount=type=secret,id=ca \
    if [ -e /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca SSL_CERT_FILE=/run/secrets/ca; fi \
    && python -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.9.30 \
    && python -m venv --without-pip /opt/venv \
    && sed -E '/brownie|eth-tester|py-evm|pytest/d' requirements.txt > services.txt \
    && PYC_INVALIDATION_MODE=UNCHECKED_HASH /opt/uv/bin/uv pip install --python /opt/venv \
        --no-cache --only-binary :all: --compile-bytecode \
        -c requirements.lock -r services.txt

FROM ${PYTHON_IMAGE}
# Nothing can be written when a service runs, so all is compiled here: the library, too, whose
# compiled files the official image leaves out.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin rooms \
    && python -m compileall -q --invalidation-mode unchecked-hash \
        -x '/(test|tests|idlelib|lib2to3|site-packages|dist-packages)/' \
        "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY common common
COPY chain chain
COPY indexer indexer
COPY oracle oracle
COPY playback playback
COPY presence presence
COPY api api
RUN python -m compileall -q --invalidation-mode unchecked-hash .
COPY contracts/artifacts contracts/artifacts
COPY --from=page /src/dapp/dist dapp/dist
USER 10001:10001
CMD ["python", "-m", "api"]

# What this image was made from; `--version` says it, too.
ARG VERSION=0.1.0
ARG BUILD_COMMIT=
ARG SOURCE=
ENV BUILD_COMMIT=${BUILD_COMMIT}
LABEL org.opencontainers.image.title="Livestream Rooms" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${BUILD_COMMIT}" \
      org.opencontainers.image.source="${SOURCE}"
