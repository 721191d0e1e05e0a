//! A zip of pictures: its entries by name, each read into memory within limits.
//!
//! Nothing is ever unpacked onto a disk, so a name that leads elsewhere leads nowhere.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use bytes::Bytes;
use unicode_normalization::UnicodeNormalization as _;
use zg_base::ReadSeek;
use zip::ZipArchive;

use crate::Error;

/// Entries that an archive may have.
pub(crate) const ENTRIES: usize = 20_000;
/// Bytes of all its entries, unpacked.
pub(crate) const UNPACKED: u64 = 2 * 1024 * 1024 * 1024;
/// Names that are pictures, by their ends.
const PICTURES: [&str; 5] = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/// A zip of pictures.
pub(crate) struct Pack {
    archive: ZipArchive<BufReader<Box<dyn ReadSeek>>>,
    by_path: BTreeMap<String, usize>,
    /// None where several entries have the name.
    by_name: BTreeMap<String, Option<usize>>,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pack").field("entries", &self.by_path.len()).finish_non_exhaustive()
    }
}

impl Pack {
    /// Reads the names. A blocking call.
    ///
    /// # Errors
    /// [`Error::Pack`] if it is no zip, [`Error::PackEntries`] and [`Error::PackUnpacked`] if it
    /// holds more than it may, [`Error::PackEmpty`] if no picture is in it.
    pub(crate) fn open(mut reader: Box<dyn ReadSeek>) -> Result<Self, Error> {
        if announced(&mut reader).map_err(|error| Error::Pack(error.to_string()))?.is_some_and(|count| count > ENTRIES) {
            return Err(Error::PackEntries);
        }
        let archive = ZipArchive::new(BufReader::new(reader)).map_err(|error| Error::Pack(error.to_string()))?;
        if archive.len() > ENTRIES {
            return Err(Error::PackEntries);
        }
        let (mut by_path, mut by_name, mut unpacked) = (BTreeMap::new(), BTreeMap::new(), 0_u64);
        for index in 0..archive.len() {
            let entry = archive.by_index_data(index).map_err(|error| Error::Pack(error.to_string()))?;
            unpacked = unpacked.saturating_add(entry.size());
            let path = decoded(entry.name_raw());
            let Some(path) = picture(&path) else { continue };
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            by_name.entry(name).and_modify(|known| *known = None).or_insert(Some(index));
            by_path.insert(path, index);
        }
        if unpacked > UNPACKED {
            return Err(Error::PackUnpacked);
        }
        if by_path.is_empty() {
            return Err(Error::PackEmpty);
        }
        Ok(Self { archive, by_path, by_name })
    }

    /// How many pictures are in it.
    pub(crate) fn len(&self) -> usize {
        self.by_path.len()
    }

    /// Which entry a file means: by its path, or by its name alone if no other has it.
    pub(crate) fn find(&self, name: &str) -> Result<usize, &'static str> {
        let wanted = plain(name);
        if let Some(index) = self.by_path.get(&wanted) {
            return Ok(*index);
        }
        match self.by_name.get(&wanted) {
            Some(Some(index)) => Ok(*index),
            Some(None) => Err("image_ambiguous"),
            None => Err("image_missing"),
        }
    }

    /// Reads a picture, up to `limit` bytes, whatever its head says. A blocking call.
    pub(crate) fn read(&mut self, name: &str, limit: usize) -> Result<Bytes, &'static str> {
        let index = self.find(name)?;
        let entry = self.archive.by_index(index).map_err(|_| "image_unreadable")?;
        let most = u64::try_from(limit).unwrap_or(u64::MAX);
        if entry.size() > most {
            return Err("image_too_large");
        }
        let mut bytes = Vec::new();
        entry.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| "image_unreadable")?;
        if bytes.len() > limit { Err("image_too_large") } else { Ok(bytes.into()) }
    }
}

/// How many entries the archive's end announces: looked at before they are all read. None
/// if it has no end; then it is no archive.
fn announced(reader: &mut Box<dyn ReadSeek>) -> std::io::Result<Option<usize>> {
    const COMMENT: u64 = 65_535 + 22 + 20;
    let length = reader.seek(SeekFrom::End(0))?;
    let begin = length.saturating_sub(COMMENT);
    reader.seek(SeekFrom::Start(begin))?;
    let mut end = Vec::new();
    reader.take(COMMENT).read_to_end(&mut end)?;
    let count = match at(&end, b"PK\x05\x06").and_then(|end| Some(number(end.get(10..12)?))) {
        // It does not fit into two bytes: a second end stands before this one.
        Some(0xFFFF) => {
            let second = at(&end, b"PK\x06\x07").and_then(|locator| Some(number(locator.get(8..16)?)));
            let Some(second) = second else { return Ok(Some(0xFFFF)) };
            reader.seek(SeekFrom::Start(second))?;
            let mut head = Vec::new();
            reader.take(40).read_to_end(&mut head)?;
            head.get(32..40).map(number)
        }
        count => count,
    };
    reader.seek(SeekFrom::Start(0))?;
    Ok(count.map(|count| usize::try_from(count).unwrap_or(usize::MAX)))
}

/// The bytes from the last place on where a signature stands.
fn at<'a>(bytes: &'a [u8], signature: &[u8]) -> Option<&'a [u8]> {
    let place = bytes.windows(4).rposition(|window| window == signature)?;
    bytes.get(place..)
}

/// A number, its lowest byte first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// An entry's name: UTF-8, or GBK as archivers in China write it.
fn decoded(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

/// The path of a picture as it is looked up; none of what archivers add, and of other files.
fn picture(path: &str) -> Option<String> {
    let path = plain(path);
    let hidden = path.split('/').any(|part| part.starts_with('.') || part == "__macosx");
    (!hidden && PICTURES.iter().any(|end| path.ends_with(end))).then_some(path)
}

/// A path as it is compared: composed, in lower case, with slashes.
fn plain(path: &str) -> String {
    let path: String = path.nfc().collect::<String>().to_lowercase().replace('\\', "/");
    path.trim().trim_start_matches("./").trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn pack(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn open(bytes: Vec<u8>) -> Result<Pack, Error> {
        Pack::open(Box::new(Cursor::new(bytes)))
    }

    #[test]
    fn m8_13_a_picture_is_found_by_path_or_name_in_any_case() {
        let mut pack = open(pack(&[
            ("Tea/Red.PNG", b"one"),
            ("cups/blue.jpg", b"two"),
            ("pots/blue.jpg", b"three"),
            ("茶/绿.webp", b"four"),
            ("__MACOSX/Tea/._Red.PNG", b"no"),
            ("notes.txt", b"no"),
        ]))
        .unwrap();
        assert_eq!(pack.len(), 4);
        let mut read = |name| pack.read(name, 100).map(|bytes| bytes.to_vec());
        assert_eq!(read("tea/red.png"), Ok(b"one".to_vec()));
        assert_eq!(read("RED.png"), Ok(b"one".to_vec()));
        assert_eq!(read("tea\\red.png"), Ok(b"one".to_vec()));
        assert_eq!(read("绿.webp"), Ok(b"four".to_vec()));
        assert_eq!(read("blue.jpg"), Err("image_ambiguous"));
        assert_eq!(read("pots/blue.jpg"), Ok(b"three".to_vec()));
        for name in ["notes.txt", "../red.png", "/etc/passwd", "._Red.PNG"] {
            assert_eq!(read(name), Err("image_missing"), "{name}");
        }
    }

    #[test]
    fn m8_13_names_in_gbk_and_decomposed_are_understood() {
        // The writer says UTF-8 of a name that is not ASCII: the flag and the bytes are changed.
        let mut bytes = pack(&[("xxxx.png", b"tea"), ("cafe\u{301}.png", b"cup")]);
        let (name, _, _) = encoding_rs::GBK.encode("龙井");
        for place in 0..bytes.len() - 4 {
            if bytes[place..].starts_with(b"xxxx") {
                bytes[place..place + 4].copy_from_slice(&name);
            }
        }
        let mut pack = open(bytes).unwrap();
        assert_eq!(pack.read("龙井.png", 100).unwrap(), "tea");
        assert_eq!(pack.read("caf\u{e9}.png", 100).unwrap(), "cup");
    }

    #[test]
    fn m8_13_a_bomb_is_refused_before_it_is_unpacked() {
        let mut many = ZipWriter::new(Cursor::new(Vec::new()));
        for number in 0..=ENTRIES {
            many.start_file(format!("{number}.png"), SimpleFileOptions::default()).unwrap();
        }
        assert!(matches!(open(many.finish().unwrap().into_inner()), Err(Error::PackEntries)));
        let zeros = vec![0; 1024 * 1024];
        let mut large = pack(&[("a.png", &zeros)]);
        assert!(large.len() < 10_000);
        let mut pack = open(large.clone()).unwrap();
        assert_eq!(pack.read("a.png", 1000), Err("image_too_large"));
        // Its head lies about how much it is.
        let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
        let central = large.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
        assert_eq!(large[central + 24..central + 28], size);
        large[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
        assert!(matches!(open(large.clone()).unwrap().read("a.png", 1000), Err("image_too_large" | "image_unreadable")));
        large[central + 24..central + 28].copy_from_slice(&u32::MAX.to_le_bytes()[..]);
        let refused = open(large);
        assert!(matches!(refused, Err(Error::PackUnpacked | Error::Pack(_))), "{refused:?}");
    }

    #[test]
    fn m8_13_what_is_no_zip_of_pictures_is_refused() {
        assert!(matches!(open(b"nothing".to_vec()), Err(Error::Pack(_))));
        assert!(matches!(open(b"PK\x03\x04 cut short".to_vec()), Err(Error::Pack(_))));
        assert!(matches!(open(pack(&[("readme.md", b"no")])), Err(Error::PackEmpty)));
    }
}
