"""A driver of the ring in `ring.py`, and one that forgets a check."""


class RingDriver:
    """Keeps the books of one ring; `sizes` says what each that is set up holds, `used` what waits, in bytes."""

    driver, version = "ring-books", "1"

    def __init__(self) -> None:
        self.sizes: dict[int, int] = {}
        self.used: dict[int, int] = {}
        self.running: set[int] = set()

    def ring_setup(self, ring: int, memory: int, size: int) -> int:
        if memory % 64 or size < 32 or ring in self.running:
            return 1
        self.sizes[ring], self.used[ring] = size, 0
        return 0

    def ring_start(self, ring: int) -> int:
        if ring not in self.sizes:
            return 1
        self.running.add(ring)
        return 0

    def ring_post(self, ring: int) -> int:
        if ring not in self.running or not self.fits(ring):
            return 1
        self.used[ring] += 32
        return 0

    def fits(self, ring: int) -> bool:
        return self.used[ring] + 32 <= self.sizes[ring]

    def descriptor_read(self, ring: int) -> None:
        self.used[ring] -= 32


class Careless(RingDriver):
    """It writes past the end of the ring."""

    driver = "ring-careless"

    def fits(self, ring: int) -> bool:
        return True
