"""Every choice a user may make, shipped as package data: defaults, sources, texts, playbook, worlds."""
