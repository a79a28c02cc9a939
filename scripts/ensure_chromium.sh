#!/usr/bin/env bash
# The browser tests need Chromium: installs it where we run as root on Debian; elsewhere says what to do, and those tests are skipped.
set -u
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Chromium for the browser tests ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null 2>&1 && exit 0
fi
echo "The browser tests are skipped: install Chromium (e.g. 'sudo apt-get install chromium') to run them."
