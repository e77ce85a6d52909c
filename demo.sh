#!/usr/bin/env bash
# The whole road once, on generated text: a stand-in of the newspaper's site is crawled, its articles become a corpus, a
# small South-Korean base is trained and then continued on the corpus, without and with the regulariser.
# Every line that begins with $ is a command that you can type yourself.
set -euo pipefail

OUT=${DEMO_OUTPUT:-demo}
SEED=7
began=$SECONDS

rm -rf "$OUT"
mkdir -p "$OUT"
export ARCHIVE_URL="sqlite:///$OUT/rodong.db"

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }

step "1/7  A local stand-in of the newspaper's site"
scrapy replica --port 0 --days 90 --per-day 40 --today 2026-11-20 --seed $SEED >"$OUT/replica.log" 2>&1 &
replica=$!
trap 'kill $replica 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    site=$(grep -o 'http://[^ ]*/ko/' "$OUT/replica.log" | head -n 1 || true)
    [ -n "$site" ] && break
    kill -0 $replica 2>/dev/null || { cat "$OUT/replica.log"; exit 1; }
    sleep 0.1
done
[ -n "$site" ] || { echo "the replica did not start; see $OUT/replica.log"; exit 1; }
echo "$site serves 90 days of generated articles"

step "2/7  Crawl it into an archive (at full speed: it is our own machine)"
run scrapy crawl rodong -a base_url="$site" -s DOWNLOAD_DELAY=0 -s AUTOTHROTTLE_ENABLED=False \
    -s LOG_FILE="$OUT/crawl.log"
tail -n 2 "$OUT/crawl.log" | cut -d : -f 4-
kill $replica

step "3/7  The archive becomes a corpus, and so does generated South-Korean text"
run scrapy prose --orthography rok --documents 2500 --seed $SEED --output "$OUT/rok.jsonl"
run corpus export --split --source "archive:$ARCHIVE_URL" --output "$OUT/corpora/rodong"
run corpus export --split --source "jsonl:$OUT/rok.jsonl" --output "$OUT/corpora/rok"

step "4/7  A small base that knows only the South's Korean"
run model pretrain --corpus "$OUT/corpora/rok" --size tiny --learning-rate 3e-3 --batch-tokens 2048 \
    --max-steps 1200 --seed $SEED --output "$OUT/runs/base"

step "5/7  The base learns the North's Korean, without and with the regulariser"
run model train --corpus "$OUT/corpora/rodong" --base "$OUT/runs/base" --retain "$OUT/corpora/rok" --seed $SEED \
    --output "$OUT/runs/plain" --learning-rate 1e-3 --max-steps 400
run model train --corpus "$OUT/corpora/rodong" --base "$OUT/runs/base" --retain "$OUT/corpora/rok" --seed $SEED \
    --output "$OUT/runs/regularized" --weight 0.3 --learning-rate 1e-3 --max-steps 400

step "6/7  What each model knows of both (log-perplexity: lower is better; accuracy: higher is better)"
run model evaluate "$OUT/runs/base" "$OUT/runs/plain" "$OUT/runs/regularized" \
    --corpus "dprk=$OUT/corpora/rodong" --corpus "rok=$OUT/corpora/rok" --output "$OUT/results.json"

step "7/7  How far the representations strayed from the base"
run model plot "$OUT/runs/plain" "$OUT/runs/regularized" --output "$OUT/stray.png"

cat <<END

Done in $((SECONDS - began)) seconds. Everything lies in $OUT/:
  rodong.db        the archive: sqlite3 $OUT/rodong.db 'SELECT issue_date, title FROM articles LIMIT 5'
  corpora/         Parquet shards, each corpus with a README.md
  runs/            models that transformers loads: AutoModelForMaskedLM.from_pretrained("$OUT/runs/plain")
  results.json     the table above: model compare $OUT/results.json --format markdown
  stray.png        the figure

Next, the real thing (the newspaper answers slowly and only from outside South Korea):
  scrapy crawl rodong
  corpus export --split
  model train --corpus corpora/rodong --base snunlp/KR-BERT-char16424 --output runs/dprk-bert --weight 0.3
END
