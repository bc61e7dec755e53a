"""Every limit of reading, in one place, with its reason.

Numbers only: the guards that use them stand beside the readers.

Each is at least three times the largest honest file seen so far; raise one here when an honest
report meets it.
"""

from typing import Final

MIB: Final = 1024 * 1024

FILE_BYTES: Final = 50 * MIB  # one document as it lies on disk
ZIP_MEMBERS: Final = 1_000
ZIP_MEMBER_BYTES: Final = 20 * MIB  # one member unpacked; pictures in reports reach 5 MiB
# one XML member unpacked: python-docx takes about 22 bytes of memory a byte
ZIP_XML_BYTES: Final = 10 * MIB
ZIP_TOTAL_BYTES: Final = 100 * MIB
ZIP_RATIO: Final = 100  # unpacked to packed, above ZIP_RATIO_FLOOR
ZIP_RATIO_FLOOR: Final = 1 * MIB
ATTACHED_FILES: Final = 20  # files of a plain archive or a mail that are looked at
XML_DEPTH: Final = 100
HTML_DEPTH: Final = 250  # lxml cuts silently at 254
TABLE_ROWS: Final = 500
TABLE_COLUMNS: Final = 60
TEXT_LINES: Final = 20_000  # of a plain text; the longest honest one has some hundreds
# style rules of a page that may hide something, times its elements; each pair costs some 30 ns
STYLE_MATCHES: Final = 50_000_000
CELL_CHARACTERS: Final = 4_000
PAGES: Final = 300
IMAGE_PIXELS: Final = 40_000_000
READER_WALL_SECONDS: Final = 60.0
READER_CPU_SECONDS: Final = 45
# so many times as long, of both, for a document with scanned pages: a page takes some 2 s and is
# read again where sums fail
SCAN_TIMES: Final = 5
SCAN_PAGES: Final = 60  # scanned pages of one document; that many need most of that time
READER_MEMORY_BYTES: Final = 1024 * MIB
WORKER_DOCUMENTS: Final = 2_000  # a reader process is replaced after so many documents
# what a reader process may answer for one document; the largest honest answer is far below 1 MiB
ANSWER_BYTES: Final = 16 * MIB
# a reader process must be ready to work after so long; imports on a cold disk take seconds
READER_START_SECONDS: Final = 60.0
# documents that one LibreOffice process converts; its start costs as much as five to ten of them
OFFICE_DOCUMENTS: Final = 60
# one LibreOffice process, and one document that has it to itself; an honest document takes a tenth
# of a second
OFFICE_SECONDS: Final = 90.0
# address space; LibreOffice maps 500 MiB for an honest batch
OFFICE_MEMORY_BYTES: Final = 4096 * MIB

# Fetching: what is asked of a web server, and how long and how much of its answer is waited for.
FETCH_BYTES: Final = 50 * MIB  # one answer, as sent and as unpacked
FETCH_CONNECT_SECONDS: Final = 10.0
FETCH_READ_SECONDS: Final = 60.0  # without one byte
FETCH_WHOLE_SECONDS: Final = 300.0  # one request from its first byte to the answer's last
FETCH_TRIES: Final = 3
FETCH_BACKOFF_SECONDS: Final = 1.0  # before the second try, doubled before each further one
FETCH_BACKOFF_CAP_SECONDS: Final = 120.0
# a host that asks for a longer rest is left alone for the run
FETCH_RETRY_AFTER_SECONDS: Final = 600.0
FETCH_REDIRECTS: Final = 5
FETCH_IDLE_CONNECTIONS: Final = 64  # kept open between requests, over all hosts
FETCH_IDLE_SECONDS: Final = 30.0
HOST_GAP_SECONDS: Final = 1.0  # between two requests to one host
# the gap varies by this part of itself, so that it is never below half
HOST_GAP_JITTER: Final = 0.5
# addresses of one host that fail in a row by the host's own fault, before the host is left alone
# for the run
HOST_FAULTS: Final = 3
ROBOTS_SECONDS: Final = 10.0
ROBOTS_BYTES: Final = 500 * 1024  # what lies beyond is not read
ROBOTS_FRESH_SECONDS: Final = 24 * 3600.0
ROBOTS_DELAY_SECONDS: Final = 600.0  # a host whose robots.txt asks for a longer gap is left alone
ROBOTS_KEPT: Final = 2_000  # files of rules in memory
# pages of one list of reports; 15 a page make 3,000 entries, a province's whole list has some
# hundreds
LIST_PAGES: Final = 200
LIST_FOLDERS: Final = 40  # folders by year below one list
LIST_LINKS: Final = 5_000  # links looked at in one page
# a page of the crawler's, parsed where the crawl runs; pages with pictures inside reach 2 MiB
PAGE_BYTES: Final = 10 * MIB
# a source without `minimum` that holds fewer than this part of what it held after its last good
# crawl was probably misread: sites take down single reports, rarely a fifth of all
LEAST_SHARE_OF_LAST_GOOD: Final = 0.8
# a source of whose entries more than this part could not be fetched in a night is failing; some
# always fail, a site that blocks or wants a browser fails with nearly all
MOST_ENTRIES_FAILED: Final = 0.5
FRAMES: Final = 3  # frames in frames, and pages that send on to another, followed for one page

# Pages that scripts make, shown in a browser of our own.
# one page from the browser's start to its last request; an honest one takes 2 to 10
BROWSER_SECONDS: Final = 60.0
BROWSER_BYTES: Final = 50 * MIB  # all that one page loads, and what it may become
BROWSER_REQUESTS: Final = 200  # of one page; honest ones need some dozens
BROWSER_HEAP_MIB: Final = 512  # of the page's scripts
