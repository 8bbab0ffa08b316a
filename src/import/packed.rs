//! Originals while they wait to be written: packed, for all of them are here at once.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;

/// What packing and unpacking need besides the bytes. They are used again and again: each is large, and
/// among thousands of small things that stay there would be no place for the next one.
struct Packer {
    compress: Compress,
    decompress: Decompress,
    packed: Vec<u8>,
}

thread_local! {
    static PACKER: RefCell<Packer> = RefCell::new(Packer {
        compress: Compress::new(Compression::fast(), false),
        decompress: Decompress::new(false),
        packed: Vec::new(),
    });
}

/// Bytes that are packed. Pages of Notion shrink to a seventh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Packed {
    bytes: Box<[u8]>,
    length: usize,
    has_shrunk: bool,
}

impl Packed {
    /// Packs bytes; those that do not shrink stay as they are.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let length = bytes.len();
        PACKER.with_borrow_mut(|packer| {
            packer.compress.reset();
            packer.packed.clear();
            packer.packed.reserve(length);
            let Packer { compress, packed, .. } = packer;
            let ended = compress.compress_vec(bytes, packed, FlushCompress::Finish);
            let has_shrunk = matches!(ended, Ok(Status::StreamEnd)) && packed.len() < length;
            let kept = if has_shrunk { packed.as_slice() } else { bytes };
            Self { bytes: kept.into(), length, has_shrunk }
        })
    }

    /// The bytes as they were.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        if !self.has_shrunk {
            return self.bytes.to_vec();
        }
        let mut bytes = Vec::with_capacity(self.length);
        PACKER.with_borrow_mut(|packer| {
            packer.decompress.reset(false);
            let finish = FlushDecompress::Finish;
            // What was packed here can be unpacked.
            let _ = packer.decompress.decompress_vec(&self.bytes, &mut bytes, finish);
        });
        bytes
    }

    /// How many bytes they were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there was nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        let long = br#"{"type":"text","text":{"content":"x"}}"#.repeat(100);
        let odd: Vec<u8> = (0..=255).collect();
        for bytes in [&[][..], b"x", &odd, &long] {
            let packed = Packed::new(bytes);
            assert_eq!((packed.bytes().as_slice(), packed.len()), (bytes, bytes.len()));
        }
        assert!(Packed::new(&long).bytes.len() < long.len() / 7);
    }
}
