//! A CSV or XLSX file as headings and rows of text.
//!
//! The kind is told by content, not by name. CSV comes as UTF-8, UTF-16 with a
//! mark, or GBK (as Excel in China saves it); separated by comma, semicolon or
//! tab. A formula is never computed: a CSV's stays the text it is, a workbook's
//! is the value it was saved with.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use crate::Error;

/// The characters one cell may hold.
pub(crate) const CELL_LIMIT: usize = 100_000;

/// How the text was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16 with a byte-order mark.
    Utf16,
    /// GBK, or its larger relative GB 18030.
    Gbk,
    /// A workbook, which says so itself.
    Xlsx,
}

/// A file's headings and rows.
pub struct Sheet {
    /// Headings, without surrounding spaces.
    pub headings: Vec<String>,
    /// How it was encoded.
    pub encoding: Encoding,
    rows: Rows,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet").field("headings", &self.headings).field("encoding", &self.encoding).finish_non_exhaustive()
    }
}

enum Rows {
    Csv(csv::StringRecordsIntoIter<Cursor<Vec<u8>>>),
    Xlsx(std::iter::Zip<std::ops::RangeFrom<i64>, std::vec::IntoIter<Vec<String>>>),
}

/// A row: its number as a person counts it in the file, and its cells.
pub(crate) type Row = (i64, Vec<String>);

impl Sheet {
    /// Reads the headings.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Broken`].
    pub fn open(bytes: Vec<u8>) -> Result<Self, Error> {
        if bytes.starts_with(b"PK") {
            return workbook(bytes);
        }
        let (text, encoding) = decode(bytes)?;
        if text.trim().is_empty() {
            return Err(Error::Empty);
        }
        let delimiter = delimiter(&text);
        if cut_short(&text, delimiter) {
            return Err(Error::Broken("a quotation mark is not closed".to_owned()));
        }
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(Cursor::new(text.into_bytes()));
        let headings = reader.headers().map_err(|error| Error::Broken(error.to_string()))?;
        let headings = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        Ok(Self { headings, encoding, rows: Rows::Csv(reader.into_records()) })
    }
}

impl Iterator for Sheet {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::Csv(records) => {
                let record = match records.next()? {
                    Ok(record) => record,
                    Err(error) => return Some(Err(Error::Broken(error.to_string()))),
                };
                let line = record.position().map_or(0, csv::Position::line);
                let cells = record.iter().map(|cell| cell.trim().to_owned()).collect();
                Some(Ok((i64::try_from(line).unwrap_or_default(), cells)))
            }
            Rows::Xlsx(rows) => rows.next().map(Ok),
        }
    }
}

fn workbook(bytes: Vec<u8>) -> Result<Sheet, Error> {
    let broken = |error: calamine::XlsxError| Error::Broken(error.to_string());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let range = book.worksheet_range_at(0).ok_or(Error::Empty)?.map_err(broken)?;
    let mut rows = range.rows().map(|row| row.iter().map(cell).collect::<Vec<String>>());
    let headings = rows.next().ok_or(Error::Empty)?;
    let rows: Vec<Vec<String>> = rows.collect();
    Ok(Sheet { headings, encoding: Encoding::Xlsx, rows: Rows::Xlsx((2..).zip(rows)) })
}

fn cell(data: &Data) -> String {
    match data {
        Data::String(text) => text.trim().to_owned(),
        // A whole number loses its ".0": a postal code is no measure.
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) => moment.as_datetime().map_or_else(String::new, |at| {
            if at.time() == chrono::NaiveTime::MIN { at.date().to_string() } else { at.and_utc().to_rfc3339() }
        }),
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Error(_) | Data::Empty => String::new(),
    }
}

fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), Error> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let encoding = if bytes.starts_with(&[0xFF, 0xFE]) { encoding_rs::UTF_16LE } else { encoding_rs::UTF_16BE };
        let (text, _, bad) = encoding.decode(&bytes);
        return if bad { Err(Error::Broken("UTF-16".to_owned())) } else { Ok((text.into_owned(), Encoding::Utf16)) };
    }
    let bytes = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { bytes.get(3..).unwrap_or_default().to_vec() } else { bytes };
    match String::from_utf8(bytes) {
        Ok(text) if text.contains('\0') => Err(Error::Broken("binary".to_owned())),
        Ok(text) => Ok((text, Encoding::Utf8)),
        Err(error) => {
            let (text, bad) = encoding_rs::GB18030.decode_without_bom_handling(error.as_bytes());
            if bad || text.contains('\0') { Err(Error::Broken("UTF-8, GBK".to_owned())) } else { Ok((text.into_owned(), Encoding::Gbk)) }
        }
    }
}

/// Does the text end within a quoted cell? A reader that takes what there is would
/// give half a cell for a whole one.
fn cut_short(text: &str, delimiter: u8) -> bool {
    let (mut quoted, mut begins) = (false, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            // Two within a quoted cell are one of its characters.
            b'"' if quoted => quoted = bytes.next_if_eq(&b'"').is_some(),
            b'"' => quoted = begins,
            _ => {}
        }
        begins = !quoted && (byte == delimiter || byte == b'\n' || byte == b'\r');
    }
    quoted
}

/// The separator that the first line holds most of.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|&separator| (line.bytes().filter(|&c| c == separator).count(), separator == b','))
        .unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> (Sheet, Vec<Row>) {
        let sheet = Sheet::open(bytes.to_vec()).unwrap();
        let rows = Sheet::open(bytes.to_vec()).unwrap().map(Result::unwrap).collect();
        (sheet, rows)
    }

    #[test]
    fn m8_13_gbk_is_recognised() {
        let (bytes, _, _) = encoding_rs::GBK.encode("名称,价格\n龙井茶,12.50\n");
        let (sheet, rows) = rows(&bytes);
        assert_eq!(sheet.encoding, Encoding::Gbk);
        assert_eq!(sheet.headings, ["名称", "价格"]);
        assert_eq!(rows, [(2, vec!["龙井茶".to_owned(), "12.50".to_owned()])]);
    }

    #[test]
    fn m8_13_marks_separators_and_quoted_line_breaks_are_understood() {
        let (sheet, rows) = rows("\u{feff}a;b\n\"x\ny\";=1+1\n3;🍵\n".as_bytes());
        assert_eq!(sheet.headings, ["a", "b"]);
        assert_eq!(rows, [(2, vec!["x\ny".to_owned(), "=1+1".to_owned()]), (4, vec!["3".to_owned(), "🍵".to_owned()])]);
    }

    #[test]
    fn m8_13_what_is_no_table_is_refused() {
        assert!(matches!(Sheet::open(Vec::new()), Err(Error::Empty)));
        assert!(matches!(Sheet::open(b"a,b\n1,\"cut".to_vec()), Err(Error::Broken(_))));
        assert!(!cut_short("1,\"a \"\"b\"\"\"\n", b','));
        assert!(!cut_short("size,5\" pipe\n\"x\",\"\"\n", b','));
        assert!(matches!(Sheet::open(b"PK\x03\x04 cut short".to_vec()), Err(Error::Broken(_))));
        assert!(matches!(Sheet::open(vec![0x80, 0xFF, 0xFF, 0x00, 0x9F]), Err(Error::Broken(_))));
        assert!(matches!(Sheet::open(b"a\0b".to_vec()), Err(Error::Broken(_))));
    }
}
