"""`mltui doctor`: terminal, memory, threads, disk and quota, store, devices: what would trouble a run here."""

from __future__ import annotations

from argparse import Namespace

from mltui.cli.command import Command, Parser
from mltui.cli.output import Output, declare_output, shown


def _declare(parser: Parser) -> None:
    declare_output(parser)


def _run(arguments: Namespace) -> int:
    from mltui.cli.checkup import examined

    output = Output.chosen(arguments)
    findings = examined()
    document = {section: {fact.name: fact.value for fact in facts} for section, facts in findings.items()}
    advice = [fact.advice for facts in findings.values() for fact in facts if fact.advice]
    output.document({**document, "advice": advice})
    for section, facts in findings.items():
        output.line(section)
        width = max(len(fact.name) for fact in facts)
        for fact in facts:
            output.line(f"  {fact.name.replace('_', ' ').ljust(width)}  {shown(fact.words)}")
    output.line()
    for sentence in advice:
        output.text(f"note: {sentence}")
    if not advice:
        output.line("nothing stands in the way of a run")
    return 0


COMMAND = Command(
    "doctor", "[--json]", "What would trouble a run here: terminal, memory, disk, devices.", _declare, _run
)
