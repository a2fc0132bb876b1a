# docker build --tag paperclub .
# docker run --read-only --volume paperclub:/data --env TELEGRAM_TOKEN=... paperclub

FROM python:3.13-slim AS builder
RUN python -m venv --without-pip /opt/paperclub
WORKDIR /src
# The libraries come first: their layer is kept until the lock changes.
COPY requirements.lock ./
RUN pip --python /opt/paperclub/bin/python install --no-cache-dir --no-compile --only-binary=:all: \
        --require-hashes --requirement requirements.lock
COPY pyproject.toml LICENSE ./
COPY bot bot
COPY schedules schedules
COPY content content
RUN pip --python /opt/paperclub/bin/python install --no-cache-dir --no-compile --no-deps --no-build-isolation .

FROM python:3.13-slim
# A font with all Han characters, for the pictures. The user's number is fixed, so that a volume keeps its owner.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 paperclub \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin paperclub \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=builder /opt/paperclub /opt/paperclub
# The root may be read-only, so what a start imports (Python's own modules too) is compiled now, and nothing later.
RUN /opt/paperclub/bin/python -c "import bot.__main__, bot.app"
# The web room stays inside the container, where the health check asks it. To publish it, set both
# PAPERCLUB_WEB=0.0.0.0:8000 and PAPERCLUB_WEB_SECRET.
ENV PATH=/opt/paperclub/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PAPERCLUB_DATA=/data \
    PAPERCLUB_WEB=127.0.0.1:8000
USER 10001:10001
# The one writable place: the database, and SQLite's temporary files, which fall back to the working directory.
VOLUME /data
WORKDIR /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["paperclub", "health"]
ENTRYPOINT ["paperclub"]
CMD ["run"]
