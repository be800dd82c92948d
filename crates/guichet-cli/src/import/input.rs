//! The bytes of a log: unpacked, counted in lines, and bounded.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::source::{Place, Problem, SourceFile};

/// Any source of bytes.
pub(super) type Bytes = Box<dyn Read + Send>;

/// Bytes read at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// A reader that knows its line and column, and gives out only as many bytes as one element may have.
pub(super) struct Input {
    inner: BufReader<Bytes>,
    file: SourceFile,
    line: u64,
    column: u64,
    byte: u64,
    allowance: usize,
    exhausted: bool,
}

impl Input {
    /// Opens a file.
    pub(super) fn open(path: &Path, file: SourceFile) -> Result<Self, Problem> {
        let open = File::open(path).map_err(Problem::Unreadable)?;
        Self::new(Box::new(open), file)
    }

    /// Unpacks gzip, known by its first two bytes, and takes a byte order mark off.
    pub(super) fn new(bytes: Bytes, file: SourceFile) -> Result<Self, Problem> {
        let (head, bytes) = peek(bytes).map_err(Problem::Unreadable)?;
        let bytes = if head.starts_with(&[0x1f, 0x8b]) {
            let unpacked = Unpacked(MultiGzDecoder::new(BufReader::with_capacity(BUFFER_BYTES, bytes)));
            let (head, bytes) = peek(Box::new(unpacked)).map_err(Problem::Unreadable)?;
            if head.starts_with(&[0x1f, 0x8b]) {
                return Err(Problem::PackedTwice);
            }
            check_head(&head)?;
            without_mark(&head, bytes)?
        } else {
            check_head(&head)?;
            without_mark(&head, bytes)?
        };
        Ok(Self {
            inner: BufReader::with_capacity(BUFFER_BYTES, bytes),
            file,
            line: 1,
            column: 1,
            byte: 0,
            allowance: usize::MAX,
            exhausted: false,
        })
    }

    /// The first byte that is no white space, without taking it; `None` when there is none in the first block.
    pub(super) fn first_byte(&mut self) -> Result<Option<u8>, Problem> {
        let block = self.inner.fill_buf().map_err(Problem::Unreadable)?;
        Ok(block.iter().copied().find(|b| !b.is_ascii_whitespace()))
    }

    /// Where the next byte stands.
    pub(super) const fn place(&self) -> Place {
        Place {
            file: self.file,
            line: self.line,
            column: self.column,
            byte: self.byte,
        }
    }

    /// Allows `bytes` more to be read, until the next call.
    pub(super) const fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
        self.exhausted = false;
    }

    /// Whether the last read failed because the allowance was used up.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }
}

/// gzip whose errors say what they mean.
struct Unpacked(MultiGzDecoder<BufReader<Bytes>>);

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|error| {
            let kind = error.kind();
            if kind == io::ErrorKind::UnexpectedEof {
                io::Error::new(kind, "the gzip is cut off")
            } else if kind == io::ErrorKind::InvalidData || kind == io::ErrorKind::InvalidInput {
                io::Error::new(kind, format!("the gzip is damaged ({error})"))
            } else {
                error
            }
        })
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let block = self.fill_buf()?;
        let n = block.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..n), block.get(..n)) {
            to.copy_from_slice(from);
        }
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let block = self.inner.fill_buf()?;
        if self.allowance == 0 && !block.is_empty() {
            self.exhausted = true;
            return Err(io::Error::other("the element is too long"));
        }
        let n = block.len().min(self.allowance);
        Ok(block.get(..n).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        let taken = self.inner.buffer().get(..n).unwrap_or_default();
        let tail = match taken.iter().rposition(|b| *b == b'\n') {
            Some(last) => {
                self.line += count(taken, |b| b == b'\n');
                self.column = 1;
                taken.get(last + 1..).unwrap_or_default()
            }
            None => taken,
        };
        // A column counts characters: every byte that does not continue one.
        self.column += count(tail, |b| b & 0xc0 != 0x80);
        self.byte += n as u64;
        self.allowance = self.allowance.saturating_sub(n);
        self.inner.consume(n);
    }
}

fn count(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> u64 {
    bytes.iter().map(|b| u64::from(wanted(*b))).sum()
}

/// The first bytes of a source, and the whole of it again.
fn peek(mut bytes: Bytes) -> io::Result<(Vec<u8>, Bytes)> {
    let mut head = Vec::with_capacity(4);
    bytes.by_ref().take(4).read_to_end(&mut head)?;
    let whole = Cursor::new(head.clone()).chain(bytes);
    Ok((head, Box::new(whole)))
}

/// Tells files that are no text from their first bytes.
fn check_head(head: &[u8]) -> Result<(), Problem> {
    match head {
        [] => Err(Problem::Empty),
        [b'P', b'K', 3 | 5, ..] => Err(Problem::Container("a ZIP archive (or a spreadsheet)")),
        [0x28, 0xb5, 0x2f, 0xfd] => Err(Problem::Container("packed with zstd")),
        [b'B', b'Z', b'h', ..] => Err(Problem::Container("packed with bzip2")),
        [0xfd, b'7', b'z', b'X'] => Err(Problem::Container("packed with xz")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'<', 0, ..] | [0, b'<', ..] => Err(Problem::Utf16),
        _ => Ok(()),
    }
}

fn without_mark(head: &[u8], mut bytes: Bytes) -> Result<Bytes, Problem> {
    if head.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.read_exact(&mut [0; 3]).map_err(Problem::Unreadable)?;
    }
    Ok(bytes)
}
