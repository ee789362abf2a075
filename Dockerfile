FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/venv
COPY requirements.lock /tmp/requirements.lock
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.lock

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 mentorship \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin mentorship \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/static
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Collecting files asks neither server: the addresses only keep the settings from starting embedded ones.
RUN DATABASE_URL=postgresql://build:build@localhost/build \
    DATABASE_APP_URL=postgresql://build:build@localhost/build \
    DATABASE_WORKER_URL=postgresql://build:build@localhost/build \
    REDIS_URL=redis://localhost/0 \
    SECRET_KEY=build \
    python manage.py collectstatic --no-input
USER 10001:10001
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "core.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--loop", "uvloop", "--http", "core.stream.server:StreamProtocol", "--timeout-graceful-shutdown", "3"]
