"""The system calls of Linux that the kernel driver makes, by ctypes; what is refused comes back as the error's name."""

import ctypes
import errno
import os
from array import array
from typing import Any

MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS, MAP_FIXED_NOREPLACE = 0x02, 0x10, 0x20, 0x100000
MREMAP_MAYMOVE, MREMAP_FIXED = 1, 2
PROT_NONE, PROT_READ, PROT_WRITE = 0, 1, 2
MADV_NORMAL, MADV_DONTNEED = 0, 4

_MAP_FAILED = 2**64 - 1
_WORD = 8

Answer = int | str
"""What a system call returns, or the name of the error."""


class System:
    """The calls of one process on its own memory. Addresses and lengths are unsigned 64-bit numbers, as they are."""

    def __init__(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        word, number = ctypes.c_uint64, ctypes.c_int
        self._mmap = _function(libc.mmap, word, word, word, number, number, number, ctypes.c_int64)
        self._munmap = _function(libc.munmap, number, word, word)
        self._mprotect = _function(libc.mprotect, number, word, word, number)
        self._madvise = _function(libc.madvise, number, word, word, number)
        self._mremap = _function(libc.mremap, word, word, word, word, number, word)
        self._pwrite = _function(libc.pwrite, ctypes.c_int64, number, word, word, ctypes.c_int64)
        self._preadv = _function(libc.preadv, ctypes.c_int64, number, ctypes.c_void_p, number, ctypes.c_int64)
        # The kernel itself copies between memory and this file, so that an access that is not allowed is an error of
        # the copy, and no signal that would end the process.
        self._file = os.memfd_create("posix-memory")

    def mmap(self, address: int, length: int, protection: int, flags: int) -> Answer:
        """Anonymous private memory."""
        found: int = self._mmap(address, length, protection, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        return _error() if found == _MAP_FAILED else found

    def munmap(self, address: int, length: int) -> Answer:
        return _error() if self._munmap(address, length) else 0

    def mprotect(self, address: int, length: int, protection: int) -> Answer:
        return _error() if self._mprotect(address, length, protection) else 0

    def madvise(self, address: int, length: int, advice: int) -> Answer:
        return _error() if self._madvise(address, length, advice) else 0

    def mremap(self, address: int, old: int, new: int, flags: int, target: int) -> Answer:
        found: int = self._mremap(address, old, new, flags, target)
        return _error() if found == _MAP_FAILED else found

    def read_word(self, address: int) -> Answer:
        """The eight bytes at an address as a number; EFAULT where they cannot be read."""
        if self._pwrite(self._file, address, _WORD, 0) != _WORD:
            return _error()
        return int.from_bytes(os.pread(self._file, _WORD, 0), "little")

    def write_words(self, base: int, end: int, step: int, value: int) -> Answer:
        """Write the number to the eight bytes at base, base + step, ...; EFAULT where some cannot be written."""
        places = range(base, end, step)
        os.pwrite(self._file, value.to_bytes(_WORD, "little") * len(places), 0)
        vector = array("Q", [_WORD]) * (2 * len(places))
        vector[0::2] = array("Q", places)
        written = self._preadv(self._file, vector.buffer_info()[0], len(places), 0)
        if written < 0:
            return _error()
        return 0 if written == _WORD * len(places) else "EFAULT"


def _function(function: Any, returned: type, *taken: type) -> Any:
    function.restype, function.argtypes = returned, taken
    return function


def _error() -> str:
    return errno.errorcode.get(ctypes.get_errno(), "EUNKNOWN")
