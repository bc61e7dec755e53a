"""Every limit of reading, in one place, with its reason. Numbers only: the guards that use them stand beside the readers.

Each is at least three times the largest honest file seen so far; raise one here when an honest report meets it.
"""

from typing import Final

MIB: Final = 1024 * 1024

FILE_BYTES: Final = 50 * MIB  # one document as it lies on disk
ZIP_MEMBERS: Final = 1_000
ZIP_MEMBER_BYTES: Final = 20 * MIB  # one member unpacked; pictures in reports reach 5 MiB
ZIP_XML_BYTES: Final = 10 * MIB  # one XML member unpacked: python-docx takes about 22 bytes of memory a byte
ZIP_TOTAL_BYTES: Final = 100 * MIB
ZIP_RATIO: Final = 100  # unpacked to packed, above ZIP_RATIO_FLOOR
ZIP_RATIO_FLOOR: Final = 1 * MIB
XML_DEPTH: Final = 100
HTML_DEPTH: Final = 250  # lxml cuts silently at 254
TABLE_ROWS: Final = 500
TABLE_COLUMNS: Final = 60
CELL_CHARACTERS: Final = 4_000
PAGES: Final = 300
IMAGE_PIXELS: Final = 40_000_000
READER_WALL_SECONDS: Final = 60.0
READER_CPU_SECONDS: Final = 45
READER_MEMORY_BYTES: Final = 1024 * MIB
WORKER_DOCUMENTS: Final = 2_000  # a reader process is replaced after so many documents
ANSWER_BYTES: Final = 16 * MIB  # what a reader process may answer for one document; the largest honest answer is far below 1 MiB
READER_START_SECONDS: Final = 60.0  # a reader process must be ready to work after so long; imports on a cold disk take seconds
OFFICE_DOCUMENTS: Final = 60  # documents that one LibreOffice process converts; its start costs as much as five to ten of them
OFFICE_SECONDS: Final = 90.0  # one LibreOffice process, and one document that has it to itself; an honest document takes a tenth of a second
OFFICE_MEMORY_BYTES: Final = 4096 * MIB  # address space; LibreOffice maps 500 MiB for an honest batch
