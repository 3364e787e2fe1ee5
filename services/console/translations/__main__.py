"""Prints what has no Chinese yet, ready to paste into a .po file of `translations/zh_Hans/`."""

from __future__ import annotations

import click
from babel.messages.pofile import normalize

from services.console.translations import missing, unused

for msgid, place in missing().items():
    click.echo(f'#. {place}\nmsgid {normalize(msgid)}\nmsgstr ""\n')
for msgid in sorted(unused()):
    click.echo(f"# no longer used: {normalize(msgid)}")
