#!/bin/sh
# Says which of the few things that a package installer cannot bring are missing, and how to get them.
# Usage: sh requirements/prerequisites.sh PYTHON
python=${1:-python3}
missing=""

if ! found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null); then
    missing="$missing
  Python 3.11 to 3.13: '$python' does not run
      apt-get install python3 python3-venv, or name another one: make setup PYTHON=python3.13"
else
    case $found in
    3.11 | 3.12 | 3.13)
        "$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing
  python3-venv: '$python' cannot make an environment with pip in it
      apt-get install python3-venv"
        ;;
    *) missing="$missing
  Python 3.11 to 3.13: '$python' is $found
      name another one: make setup PYTHON=python3.13" ;;
    esac
fi

if [ "$(uname -s)" = Linux ]; then
    { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1'; } ||
        find /lib /lib64 /usr/lib /usr/lib64 /usr/local/lib -name 'libgomp.so.1*' 2>/dev/null | grep -q . ||
        missing="$missing
  libgomp1: LightGBM links to it
      apt-get install libgomp1"
fi

[ -z "$missing" ] || {
    echo "Missing before Duewise can be installed:$missing" >&2
    exit 1
}
