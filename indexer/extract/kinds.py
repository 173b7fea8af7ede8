"""What a file is by its name, which is cheap to tell."""

import re
from enum import StrEnum
from pathlib import Path, PurePath

from indexer.document import Kind

RECOGNISABLE = ("png", "jpg", "jpeg", "jpe", "tif", "tiff", "webp", "bmp")
NOT_READ = "This type of file is not read; it is found by its name."


class Format(StrEnum):
    """Which reader a file goes to."""

    TEXT = "text"
    MARKDOWN = "Markdown"
    RESTRUCTURED = "reStructuredText"
    MAN = "manual page"
    HTML = "HTML"
    PDF = "PDF"
    EPUB = "EPUB"
    XPS = "XPS"
    FB2 = "FictionBook"
    CBZ = "comic book"
    OPEN_XML = "Office document"
    OPEN_DOCUMENT = "OpenDocument file"
    OLD_OFFICE = "old Office document"
    SLIDES = "presentation"
    SHEETS = "spreadsheet"
    RTF = "RTF"
    MESSAGE = "e-mail"
    MAILBOX = "mailbox"
    NOTEBOOK = "notebook"
    TABLE = "table"
    CODE = "source code"
    IMAGE = "image"
    DRAWING = "drawing"
    ARCHIVE = "archive"
    UNKNOWN = "unknown"


def _table(**names: str) -> dict[str, Format]:
    return {f".{suffix}": Format[name] for name, suffixes in names.items() for suffix in suffixes.split()}


CODE_LANGUAGES = {
    suffix: language
    for language, suffixes in {
        "python": ".py .pyi .pyw",
        "javascript": ".js .mjs .cjs .jsx",
        "typescript": ".ts .mts .cts",
        "tsx": ".tsx",
        "java": ".java",
        "go": ".go",
        "rust": ".rs",
        "c": ".c",
        "cpp": ".cc .cpp .cxx .c++ .h .hh .hpp .hxx .ipp .inl .ino .cu .cuh",
        "csharp": ".cs .csx",
        "ruby": ".rb .rake .gemspec",
        "php": ".php .phtml",
        "bash": ".sh .bash .zsh .ksh",
        "sql": ".sql .ddl",
        "kotlin": ".kt .kts",
        "swift": ".swift",
        "scala": ".scala",
        "lua": ".lua",
    }.items()
    for suffix in suffixes.split()
}
_PLAIN_CODE = (  # no grammar: cut at lines
    ".pl .pm .t .awk .sed .tcl .m .mm .r .jl .hs .lhs .ml .mli .fs .fsx .vb .bas .pas .f .f90 .f95 .f03 .for .ada "
    ".adb .ads .lisp .el .scm .clj .cljs .erl .hrl .ex .exs .dart .groovy .gradle .cmake .mk .mak .bat .cmd .ps1 "
    ".psm1 .fish .asm .s .v .sv .vhd .vhdl .proto .thrift .graphql .gql .tf .hcl .nix .zig .nim .d .vala .cocci .qml "
    ".css .scss .sass .less .vue .svelte .glsl .hlsl .wgsl .y .yy .ll .m4 .ac .am .diff .patch .sol .cr .rkt .coffee "
    ".pyx .pxd .dockerfile .lean .v .agda .idr .elm .purs .re .rei"
)
_FORMATS = {
    **_table(
        TEXT=(
            "txt text log json jsonl ndjson geojson json5 yaml yml toml xml xsd xsl xslt dtd rss atom ini cfg "
            "conf config properties env desktop service socket timer mount target rules list sources tex latex ltx "
            "bib sty cls org adoc asciidoc textile wiki mediawiki srt vtt sub ass po pot strings ics vcf nfo asc me "
            "news changes changelog readme license copyright docs install url webloc opml kml gpx plist reg inf csl "
            "ris enw texi texinfo in spec control po4a lst diz 1st faq"
        ),
        MARKDOWN="md markdown mdown mkd mdx rmd qmd",
        RESTRUCTURED="rst rest",
        HTML="html htm xhtml xht shtml",
        PDF="pdf",
        EPUB="epub",
        XPS="xps oxps",
        FB2="fb2",
        CBZ="cbz",
        OPEN_XML="docx docm dotx dotm",
        OPEN_DOCUMENT="odt ott fodt",
        OLD_OFFICE="doc dot ppt pps pot msg",
        SLIDES="pptx pptm ppsx potx odp otp",
        SHEETS="xlsx xlsm xltx xlsb xls xlt ods ots",
        RTF="rtf",
        MESSAGE="eml emlx",
        MAILBOX="mbox mbx",
        NOTEBOOK="ipynb",
        TABLE="csv tsv tab psv",
        IMAGE=(
            "png jpg jpeg jpe gif bmp tif tiff webp heic heif avif ico jxl jp2 psd xcf raw cr2 cr3 nef arw dng orf "
            "raf rw2 svgz xpm xbm pbm pgm ppm tga exr hdr"
        ),
        DRAWING="svg",
        ARCHIVE="zip tar 7z tgz tbz tbz2 txz tzst",
    ),
    **dict.fromkeys(CODE_LANGUAGES, Format.CODE),
    **dict.fromkeys(_PLAIN_CODE.split(), Format.CODE),
    ".pot": Format.TEXT,  # gettext's, by far more common than PowerPoint's old templates
}
_UNREAD = frozenset(
    f".{suffix}"
    for suffix in (
        "a aab aac ace aif aiff alz apk ape appimage arj au avi bin blend br cab caf cbr cbt chm class com "
        "cpio crx crt dat data db db3 dbf deb der dex dll dmg dmp drv dsf dwg dxf dylib ear egg elf eot eps exe fbx "
        "flac flv gguf gem glb h5 hdf5 hnsw icns idx img iso jar jks jpgl key kdbx ko lib lnk lock lz lz4 lzma lzo "
        "m2ts m4a m4b m4p m4v mat mdb accdb mid midi mkv mo mobi azw azw3 mov mp2 mp3 mp4 mpa mpc mpeg mpg msi msix "
        "mts nib nes npy npz nupkg o obj oga ogg ogv onnx opus ost otf p12 p7b p7m p7s pack pak parquet arrow "
        "feather orc pcap pcapng pch pdb pfb pfm pfx pickle pkl pma ply prx ps pst pt pth ckpt pyc pyd pyo qcow2 ra "
        "rar rdb rdata rds rm rmvb rom rpm sav safetensors sfx sketch fig snap so spl sqlite sqlite3 sqlitedb squashfs "
        "stl step stp swf swp swo sys taz tlz toast torrent trc ttc ttf vdi vhdx vmdk vob "
        "war wasm wav webm wim wma wmv woff woff2 xapk xar xpi z wal shm journal lockb cache tflite pb "
        "model weights part crdownload aria2 3gp 3g2 3ds max c4d gbr mo3 xm s3m it stackdump"
    ).split()
)
_KINDS = {
    Format.TEXT: Kind.TEXT,
    Format.MARKDOWN: Kind.MARKDOWN,
    Format.RESTRUCTURED: Kind.TEXT,
    Format.MAN: Kind.TEXT,
    Format.HTML: Kind.HTML,
    Format.PDF: Kind.PDF,
    Format.EPUB: Kind.EBOOK,
    Format.XPS: Kind.PDF,
    Format.FB2: Kind.EBOOK,
    Format.CBZ: Kind.EBOOK,
    Format.OPEN_XML: Kind.DOCUMENT,
    Format.OPEN_DOCUMENT: Kind.DOCUMENT,
    Format.OLD_OFFICE: Kind.DOCUMENT,
    Format.SLIDES: Kind.PRESENTATION,
    Format.SHEETS: Kind.SPREADSHEET,
    Format.RTF: Kind.DOCUMENT,
    Format.MESSAGE: Kind.MAIL,
    Format.MAILBOX: Kind.MAIL,
    Format.NOTEBOOK: Kind.NOTEBOOK,
    Format.TABLE: Kind.TABLE,
    Format.CODE: Kind.CODE,
    Format.IMAGE: Kind.IMAGE,
    Format.DRAWING: Kind.IMAGE,
    Format.ARCHIVE: Kind.ARCHIVE,
    Format.UNKNOWN: Kind.OTHER,
}
_RECOGNISABLE = frozenset(f".{suffix}" for suffix in RECOGNISABLE)
_CODE_NAMES = frozenset(
    "makefile gnumakefile dockerfile containerfile rakefile gemfile jenkinsfile vagrantfile cmakelists.txt".split()
)
_MAN_SUFFIX = re.compile(r"\.[1-9n](?:[a-z]\w*)?$")
_SHARED_LIBRARY = re.compile(r"\.so(\.\d+)+$")
_COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")
_COMPRESSED = {Format.TEXT, Format.MARKDOWN, Format.RESTRUCTURED, Format.MAN, Format.HTML, Format.CODE, Format.UNKNOWN}


def kind_of(path: Path) -> Kind | None:
    """The kind that a file's name promises, without looking at it; None: a type that is not read.

    `Kind.OTHER`: the name says nothing, the first bytes will tell.
    """
    match named_format(path):
        case None:
            return None
        case Format.OLD_OFFICE if path.suffix.lower() == ".msg":
            return Kind.MAIL
        case Format.OLD_OFFICE if path.suffix.lower() in {".ppt", ".pps"}:
            return Kind.PRESENTATION
        case known:
            return _KINDS[known]


def is_recognisable(path: PurePath) -> bool:
    """Whether a picture is of a type in which text can be recognised."""
    return path.suffix.lower() in _RECOGNISABLE


def is_of_pixels(path: PurePath) -> bool:
    """Whether a file is a picture whose text, if any, only recognition can tell."""
    return named_format(path) is Format.IMAGE


def named_format(path: PurePath) -> Format | None:
    """The format that a file's name promises; None: one that is not read."""
    name = path.name.lower()
    suffix = path.suffix.lower()
    if suffix in _COMPRESSIONS:
        inner = named_format(path.with_name(path.stem))
        return inner if suffix == ".gz" and inner in _COMPRESSED else inner and Format.ARCHIVE
    if name in _CODE_NAMES:
        return Format.CODE
    if suffix in _UNREAD or _SHARED_LIBRARY.search(name):
        return None
    if suffix in _FORMATS:
        return _FORMATS[suffix]
    return Format.MAN if _MAN_SUFFIX.search(suffix) else Format.UNKNOWN
