#!/bin/sh
# Fetches everything that a firsttap account has, as one NDJSON file for each export:
#
#   TOKEN=ft_… sh fetch.sh https://HOST FOLDER
#
# A token with the scope "read" will do. Where a transfer breaks off, it goes on behind the last row that came; so it does when it is
# stopped and started again. What has come completely is fetched anew.
set -eu
url=${1:?the address of your server, https://HOST} folder=${2:?a folder for the files}
: "${TOKEN:?an account token is missing: set it in the environment}"
mkdir -p "$folder"

# By standard input, so that no list of processes shows the token.
fetch() { printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" | curl -sSf -K - "$1"; }

# Drops the last line of a file, if it has no end.
drop_half_line() {
  if [ -n "$(tail -c 1 "$1")" ]; then
    sed '$d' "$1" >"$1.whole"
    mv "$1.whole" "$1"
  fi
}

list=$(fetch "$url/api/account/export")
printf '%s' "$list" | grep -o '"ndjson":"[^"]*"' | cut -d '"' -f 4 | while read -r address; do
  name=$(basename "${address%%\?*}")
  file=$folder/$name
  broken=0
  while :; do
    after=
    if [ -s "$file.part" ]; then
      drop_half_line "$file.part"
      after=$(tail -n 1 "$file.part" | sed -n 's/.*"position":"\([^"]*\)"}$/after=\1/p')
    fi
    case $address in *\?*) next="$address&$after" ;; *) next="$address?$after" ;; esac
    if fetch "${next%[?&]}" >>"$file.part"; then break; fi
    broken=$((broken + 1))
    if [ "$broken" -ge 10 ]; then
      echo "$name broke off ten times. Start this again: it goes on behind what has come." >&2
      exit 1
    fi
    sleep "${PAUSE:-5}"
  done
  mv "$file.part" "$file"
  echo "$name: $(wc -l <"$file" | tr -d ' ') rows"
done
