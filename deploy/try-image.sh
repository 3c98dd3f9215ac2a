#!/usr/bin/env bash
# Builds the image without Docker and runs it once, as a cluster would: every night, because it takes minutes.
#   deploy/try-image.sh            on the base that the Containerfile names
#   deploy/try-image.sh --debian   on Debian's own Python, where no registry of images can be reached
# It needs root, buildah and, for --debian, debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
images() { buildah --root "$work/images" --runroot "$work/run" "$@"; }
trap 'images rm --all > /dev/null; rm -rf "$work"' EXIT

options=()
if [ "${1:-}" = --debian ]; then
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip,python-is-python3 \
    bookworm "$work/debian" > "$work/debootstrap.log" || { tail -n 5 "$work/debootstrap.log"; exit 1; }
  rm "$work/debian/usr/lib/python3.11/EXTERNALLY-MANAGED"
  base=$(images from scratch)
  images add --quiet "$base" "$work/debian" / > /dev/null
  images commit --quiet "$base" localhost/python:debian > /dev/null
  rm -rf "$work/debian"
  options=(--pull-never --build-arg PYTHON=localhost/python:debian)
  # Where pip finds packages is the machine's matter.
  for file in /etc/pip.conf /etc/xdg/pip /etc/ssl/certs; do
    if [ -e "$file" ]; then options+=(--volume "$file:$file:ro"); fi
  done
fi
images bud --quiet "${options[@]}" --file deploy/Containerfile --tag cardshop .

# Training and service, as the user that a cluster runs them as: a model is registered, and a card is predicted.
container=$(images from --pull-never cardshop)
inside() { images run --user 10001:10001 "$container" -- "$@"; }
inside python -m cardshop.command train
# shellcheck disable=SC2016  # the shell inside reads it
inside sh -c '
  export CARDSHOP_REGISTRY=$(python -c "from cardshop.stack.settings import *; print(Settings.read(FOLDER).store)")
  python -m uvicorn --factory cardshop.serving.app:create_app --port 8700 --no-access-log &
  service=$!
  python - << "ASK"
import json, time
from urllib.error import URLError
from urllib.request import Request, urlopen

card = {"card_id": "KND-001", "species_number": 25, "rarity": "Rare", "hp": 60, "attack": 55, "defense": 40,
        "special_attack": 50, "special_defense": 50, "speed": 90, "legendary": False, "text": "Static"}
asked = Request("http://127.0.0.1:8700/v1/predict", json.dumps({"cards": [card]}).encode(), {"Content-Type": "application/json"})
for last in (*[False] * 60, True):
    try:
        print(urlopen(asked).read().decode())
        break
    except URLError:
        if last:
            raise
        time.sleep(1)
ASK
  answered=$?
  kill $service
  exit $answered'
