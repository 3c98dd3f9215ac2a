#!/bin/sh
# Print an environment's manifests with the image that was built and tested: deploy/render.sh staging NAME@sha256:…
set -eu

refuse() {
  echo "$1" >&2
  exit 2
}

[ $# = 2 ] || refuse "Name an environment and an image: deploy/render.sh staging NAME@sha256:…"
overlay="$(dirname "$0")/kubernetes/overlays/$1"
[ -d "$overlay" ] || refuse "There is no environment $1: choose development, staging or production."
case "$2" in
  *@sha256:*) ;;
  *) refuse "$2 is not pinned: name the image by its digest, NAME@sha256:…" ;;
esac
manifests="$(kubectl kustomize "$overlay")"
printf '%s\n' "$manifests" | sed "s|image: cardshop:.*|image: $2|"
