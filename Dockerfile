# One image for the three services; compose.yaml says which one a container runs.
FROM node:22-bookworm-slim AS page
WORKDIR /src
COPY dapp/package.json dapp/package-lock.json dapp/.npmrc dapp/
RUN npm ci --prefix dapp
COPY contracts/artifacts contracts/artifacts
COPY dapp dapp
RUN npm run build --prefix dapp

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 rooms
WORKDIR /app
COPY requirements.txt requirements.lock ./
# The services need none of the contract tooling; without it every package has a wheel.
RUN sed -E '/brownie|eth-tester|py-evm|pytest/d' requirements.txt > services.txt \
    && pip install --no-cache-dir uv \
    && uv pip install --system --no-cache --only-binary :all: -c requirements.lock -r services.txt
COPY common common
COPY chain chain
COPY indexer indexer
COPY oracle oracle
COPY api api
COPY contracts/artifacts contracts/artifacts
COPY --from=page /src/dapp/dist dapp/dist
USER rooms
ENV PYTHONUNBUFFERED=1
CMD ["python", "-m", "api"]
