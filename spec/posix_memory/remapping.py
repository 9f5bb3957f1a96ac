"""mremap: pages move, shrink or grow, with what they hold."""

from callproof.model import (
    Address,
    EnumTerm,
    Size,
    assume,
    axiom,
    harden,
    implies,
    ite,
    outcome,
    require,
    result,
    truth,
)
from posix_memory.contract import posix
from posix_memory.state import LONGEST, PAGE, Moving, Process, RegionId


@posix.call("mremap")
def mremap(
    p: Process,
    region: RegionId,
    rest: RegionId,
    old_address: Address,
    old_size: Size,
    new_size: Size,
    flags: EnumTerm[Moving],
    new_address: Address,
) -> None:
    """Give a region another size, and another place if need be; `rest` names the pages that are new."""
    r, tail = p.regions[region], p.regions[rest]
    old_end, new_end = (old_address + old_size).rounded_up(PAGE), (new_address + new_size).rounded_up(PAGE)
    fixed, stays = flags == Moving.MAYMOVE_FIXED, flags == Moving.IN_PLACE
    grows = new_size.rounded_up(PAGE) > old_size.rounded_up(PAGE)
    whole = r.is_exactly(old_address, old_end)
    in_place = (old_address + new_size).rounded_up(PAGE)
    sized = (new_size != 0) & (new_size <= LONGEST)
    old_sized = (old_size <= LONGEST) & ((old_size == 0) | (old_address < old_end))
    byte = old_address + Size.of(1)
    some = (old_size != 0) | ~p.owns(old_address, byte) & ~r.holds(old_address, byte)
    target = implies(fixed, new_address.is_aligned(PAGE) & (new_address < new_end))
    apart = implies(fixed, (old_end <= new_address) | (new_end <= old_address))
    known = p.owns(old_address, old_end) & p.is_free_beside(region, old_address, old_end)
    mapped = implies(known & grows, r.holds(old_address, old_end))
    mapped_behind = implies(known & ~grows, r.holds(old_address, old_end))
    room = implies(stays & grows & r.holds(old_address, old_end), (old_end < in_place) & p.is_free(old_end, in_place))
    valid = (flags != Moving.FIXED) & old_address.is_aligned(PAGE) & sized & some & old_sized & target & apart
    lawful = valid & mapped & mapped_behind & room
    require("R2", flags != Moving.FIXED)
    require("R3", old_address.is_aligned(PAGE))
    require("R4", sized)
    require("R5", old_sized)
    require("R10", some)
    require("R6", target)
    require("R7", apart)
    require("R8", mapped)
    require("R8-within", mapped_behind)
    require("R9", room)
    harden("Q1", implies(fixed, new_address != 0))
    named = ~tail.mapped if rest != region else truth(False)
    # Where the system must refuse anyway, callers owe nothing.
    assume("own", implies(lawful & fixed, p.owns(new_address, new_end)))
    assume("own-grow", implies(lawful & stays & grows, p.owns(old_end, in_place)))
    assume("own-replace", implies(lawful & fixed, p.is_free_beside(region, new_address, new_end)))
    assume("memory", implies(lawful, new_size <= p.arena.size))
    assume("whole", implies(lawful, whole))
    assume("name-rest", implies(lawful & grows, named))
    at = result("address", Address)
    middle, end = (at + old_size).rounded_up(PAGE), (at + new_size).rounded_up(PAGE)
    # That equal places have equal ends is said as well: the proofs then need no sums.
    kept = (at == old_address) & (middle == old_end) & (end == in_place)
    extends = kept & (old_end < in_place) & p.is_free(old_end, in_place)
    axiom("R1", (at < end) & ite(grows, (at < middle) & (middle < end), end <= middle))
    axiom("R1", implies(stays | ~fixed & ~grows, kept))
    axiom("R1", implies(fixed, (at == new_address) & (end == new_end)))
    axiom("R1", implies(~fixed & grows, extends | p.is_fresh(at, end)))
    protection, placed = r.protection, r.placed
    chosen = fixed | placed & (stays | ~grows)
    p.discard_beside(region, at, end, tail, whole & grows & named)
    with outcome("other memory", when=~whole):
        pass
    with outcome("no larger", when=whole & ~grows):
        r.span(at, end)
        r.placed = chosen
    with outcome("larger", when=whole & grows & named):
        r.span(at, middle)
        r.placed = chosen
        if rest != region:
            tail.become(protection, middle, end, 0, chosen)
    with outcome("larger, and no name for the rest", when=whole & grows & ~named):
        r.span(at, middle)
        r.placed = chosen
