# One image for web, worker and public pages. Run it so (the rest of the hardening is the runner's business):
#   docker run --read-only --tmpfs /tmp:noexec,nosuid --cap-drop ALL --security-opt no-new-privileges --pids-limit 200 \
#     --init --stop-timeout 40 -v data:/data -v ./settings:/settings:ro -e BROADCASTER_CONFIG=/settings/broadcaster.toml …
# The database lies on /data, which must belong to user 10001; a `broadcaster migrate` comes before the first `serve`.
# Build with --format docker where the builder is buildah or podman: the OCI format drops HEALTHCHECK.
#
# A release pins the base by digest, so that the same source gives the same image. Look it up where images come from:
#   docker buildx imagetools inspect python:3.13-slim-bookworm --format '{{.Manifest.Digest}}'
# and build with
#   docker build --build-arg BASE=python:3.13-slim-bookworm@sha256:<digest> .
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
COPY requirements.lock /src/
RUN python3 -m venv /venv \
 && /venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r /src/requirements.lock
COPY LICENSE gunicorn.conf.py /app/
COPY broadcaster/ /app/broadcaster/
COPY templates/ /app/templates/
COPY playbooks/ /app/playbooks/
# Compiled here, because nothing can be written there; readable whatever the umask of the checkout was.
RUN /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app/broadcaster \
 && chmod -R a+rX,go-w /app /venv

FROM ${BASE}
COPY --from=build --chown=0:0 /venv /venv
COPY --from=build --chown=0:0 /app /app
WORKDIR /app
# Inside a container loopback reaches nobody: what may reach the port is decided where the container is run.
ENV BIND=0.0.0.0 \
    PORT=8000 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
EXPOSE 8000
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["/venv/bin/python", "-m", "broadcaster", "healthcheck"]
ENTRYPOINT ["/venv/bin/python", "-m", "broadcaster"]
CMD ["serve"]
