"""The terminal screen of `callproof explore`: calls to choose from, the way so far, state and memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Header, OptionList, Static
from textual.widgets.option_list import Option

from callproof.errors import UserError
from callproof.explore.memory import memory_map
from callproof.explore.walk import Offer, Refusal, Walk
from callproof.report.replay_text import shown_values
from callproof.semantics import decode
from callproof.trace import Trace

SHOWN_STEPS = 200
"""Steps of the way that are shown, the latest ones."""


@dataclass(frozen=True, slots=True)
class Example:
    """A trace to jump to, and where it came from."""

    name: str
    trace: Trace


class Explorer(App[None]):
    """Walk through a specification; `save` writes the trace and says where."""

    TITLE = "callproof explore"
    CSS = """
    #calls { width: 55%; border: solid $primary; }
    #right { width: 45%; }
    #right VerticalScroll { border: solid $primary; height: 1fr; }
    #detail { height: auto; min-height: 4; max-height: 12; border: solid $secondary; }
    """
    BINDINGS = [  # noqa: RUF012 - textual's own way to declare keys
        Binding("u", "undo", "undo"),
        Binding("w", "way", "make it possible"),
        Binding("c", "example", "next counterexample"),
        Binding("s", "save", "save trace"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, walk: Walk, save: Callable[[Trace], str], examples: Sequence[Example] = ()) -> None:
        super().__init__()
        self.walk, self._save, self._examples = walk, save, tuple(examples)
        self._next_example = 0
        self._rows: list[Offer | Refusal] = []
        self.said = ""

    def compose(self) -> ComposeResult:
        yield Header()
        with Horizontal():
            yield OptionList(id="calls", markup=False)
            with Vertical(id="right"):
                for name in ("way", "state", "memory"):
                    with VerticalScroll():
                        yield Static(id=name, markup=False)
        yield Static(id="detail", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        self.sub_title = f"{self.walk.spec.name}, {self.walk.layer.name}"
        self._show()
        self.query_one("#calls", OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter: make the call, if it can be made."""
        row = self._rows[event.option_index]
        if isinstance(row, Offer):
            broken = self.walk.take(row).broken
            names = ", ".join(dict.fromkeys(prop.id for prop in broken))
            self._show(f"broken: {names}" if broken else "")
        else:
            self._detail(row)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The cursor has moved: say why a call cannot be made."""
        row = self._rows[event.option_index]
        if isinstance(row, Refusal):
            self._detail(row)
        else:
            self._say(self.said)

    def action_undo(self) -> None:
        """Take the last step back."""
        step = self.walk.undo()
        self._show("there is no step to take back" if step is None else f"taken back: {step.call}")

    def action_way(self) -> None:
        """Make the calls after which the chosen one can be made."""
        row = self._chosen()
        if not isinstance(row, Refusal):
            self._show("this call can be made: press Enter")
            return
        way = self.walk.way_to(row.act)
        if way is None:
            self._show(f"no way to {row.act.action.call} was found")
            return
        for offer in way:
            self.walk.take(offer)
        self._show(f"{row.act.action.call} can be made now, after {len(way)} more calls")

    def action_example(self) -> None:
        """Jump to the end of the next counterexample."""
        if not self._examples:
            self._show("there are no counterexamples: give --trace FILE or a directory of them")
            return
        example = self._examples[self._next_example % len(self._examples)]
        self._next_example += 1
        try:
            self.walk.replay(example.trace, example.name)
        except UserError as error:
            self._show(str(error))
            return
        broken = dict.fromkeys(prop.id for taken in self.walk.taken for prop in taken.broken)
        self._show(f"{example.name}: breaks {', '.join(broken) or 'nothing'}")

    def action_save(self) -> None:
        """Write the way so far as a trace."""
        try:
            self._show(self._save(self.walk.trace()))
        except UserError as error:
            self._show(str(error))

    def _chosen(self) -> Offer | Refusal | None:
        at = self.query_one("#calls", OptionList).highlighted
        return None if at is None or at >= len(self._rows) else self._rows[at]

    def _show(self, said: str = "") -> None:
        """Everything anew after a step."""
        self.said = said
        walk = self.walk
        self._rows = [*walk.offers(), *walk.refusals()]
        calls = self.query_one("#calls", OptionList)
        calls.clear_options()
        calls.add_options(
            [Option(Text(f"  {row}" if isinstance(row, Offer) else f"x {row}",
                         style="" if isinstance(row, Offer) else "dim")) for row in self._rows]
        )  # fmt: skip
        calls.highlighted = 0 if self._rows else None
        self.query_one("#way", Static).update(Text("\n".join(self.way_lines())))
        self.query_one("#state", Static).update(Text("\n".join(self.state_lines())))
        self.query_one("#memory", Static).update(Text("\n".join(memory_map(walk.machine, walk.state))))
        self._say(said)

    def way_lines(self) -> list[str]:
        """The steps so far, with what each broke or what let it through."""
        lines = []
        for number, taken in enumerate(self.walk.taken, 1):
            step = taken.step
            lines.append(f"{number}. {step.call}({shown_values(step.args)}){'' if taken.accepted else ' refused'}")
            if taken.clauses:
                lines.append(f"   {taken.verdict}: {', '.join(taken.clauses)}")
            if taken.broken:
                lines.append(f"   breaks {', '.join(dict.fromkeys(p.id for p in taken.broken))}")
        return lines[-SHOWN_STEPS:] or ["nothing was called yet"]

    def state_lines(self) -> list[str]:
        """The variables that differ from the beginning."""
        machine, state = self.walk.machine, self.walk.state
        return [
            f"{name} = {shown_values({'': decode(value, sort)})[1:]}"
            for name, sort, value, first in zip(
                machine.names, machine.sorts, state, self.walk.world.initial, strict=True
            )
            if value != first
        ] or ["as at the beginning"]

    def detail_lines(self, row: Refusal) -> list[str]:
        """Which clauses stand in the way, and the fewest calls that take them out of it."""
        clauses = self.walk.spec.clauses
        lines = [f"{row.act.action.call} cannot be called here:"]
        lines += [f"  {id}: {clauses[id].text}" if id in clauses else f"  {id}" for id in row.clauses]
        way = self.walk.way_to(row.act)
        if way is None:
            return [*lines, "no way to it was found"]
        return [*lines, f"it could be after {', '.join(str(offer) for offer in way)} (w makes these calls)"]

    def _detail(self, row: Refusal) -> None:
        self._say("\n".join(self.detail_lines(row)))

    def _say(self, text: str) -> None:
        self.query_one("#detail", Static).update(Text(text))
