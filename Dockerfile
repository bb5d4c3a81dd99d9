# Two stages: one that installs, one that only runs. The result needs one writable volume (/data) and a /tmp.
#
# Torch's ordinary Linux build carries GPU libraries of several gigabytes. For the small CPU build, hand pip the
# address of the index that serves it:
#   docker build --build-arg PIP_OPTIONS="--extra-index-url ADDRESS" -t evenhand .
ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ARG PIP_OPTIONS=""
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH

# Dependencies first: they change less often than the code, so this layer is kept between builds.
WORKDIR /app
COPY pyproject.toml ./
# PIP_OPTIONS is left unquoted because it may hold several words; versions are named in pyproject.toml.
# hadolint ignore=SC2086
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
      > /tmp/requirements.txt \
    && pip install ${PIP_OPTIONS} -r /tmp/requirements.txt

COPY bot bot
COPY classifiers classifiers
COPY config config
COPY seeds seeds
RUN python -m compileall -q bot classifiers config

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 evenhand \
    && useradd --uid 10001 --gid evenhand --home-dir /data --no-create-home --shell /usr/sbin/nologin evenhand \
    && install --directory --owner=evenhand --group=evenhand --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app

# Data and key go to the volume; everything that may be lost goes to /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STORAGE_PATH=/data/evenhand.sqlite3 \
    STORAGE_KEY_FILE=/data/evenhand.key \
    HEALTH_FILE=/tmp/alive \
    LOG_FORMAT=json \
    MPLCONFIGDIR=/tmp/matplotlib \
    HF_HOME=/tmp/huggingface
USER 10001:10001
VOLUME ["/data"]
HEALTHCHECK --interval=30s --timeout=15s --start-period=90s --retries=3 CMD ["python", "-m", "bot", "healthy"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
