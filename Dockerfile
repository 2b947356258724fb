FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    REPARTO_DATABASE_URL=sqlite:////data/reparto.db \
    REPARTO_DATA_DIR=/data/uploads \
    REPARTO_LOG_FORMAT=json

WORKDIR /app

COPY scripts/locks/product.txt scripts/locks/product.txt
RUN pip install --no-cache-dir --require-hashes --requirement scripts/locks/product.txt \
    && useradd --system --uid 10001 --no-log-init --create-home --home-dir /data reparto

COPY models/ models/
COPY loaders/ loaders/
COPY planner/ planner/
COPY api/ api/
COPY scripts/ scripts/

USER 10001
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]

ENTRYPOINT ["python", "-m", "scripts"]
CMD ["serve", "--upgrade", "--host", "0.0.0.0"]
