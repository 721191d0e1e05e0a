//! A report as CSV: plain decimals without separators, in the report's currency.

use zg_domain::Money;

use crate::{Error, Figures, Report, ReportRow};

/// How much of a report the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The row's name, orders, lines, net.
    Brief,
    /// Every figure, and the currency.
    Full,
}

/// The whole report as CSV, with headings.
///
/// # Errors
/// [`Error::Csv`].
pub fn csv(report: &Report, detail: Detail) -> Result<String, Error> {
    let bytes = part(report, 0, report.rows.len(), detail)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Some of the rows, with headings before the first.
pub(crate) fn part(report: &Report, start: usize, rows: usize, detail: Detail) -> Result<Vec<u8>, Error> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    if start == 0 {
        out.write_record(headings(report, detail))?;
    }
    for row in report.rows.iter().skip(start).take(rows) {
        out.write_record(cells(report, row, detail))?;
    }
    out.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
}

fn headings(report: &Report, detail: Detail) -> Vec<&'static str> {
    let mut headings = vec![report.by.as_str(), "orders", "lines"];
    match detail {
        Detail::Brief => headings.push("net"),
        Detail::Full => headings
            .extend(["pieces", "gross", "discount", "refunds", "net", "tax", "shipping", "fees", "total", "paid", "refunded", "currency"]),
    }
    headings
}

fn cells(report: &Report, row: &ReportRow, detail: Detail) -> Vec<String> {
    let Figures { orders, lines, pieces, gross, discount, refunds, net, tax, shipping, fees, total, paid, refunded } = &row.figures;
    let mut cells = vec![inert(&row.key), orders.to_string(), lines.to_string()];
    if detail == Detail::Brief {
        cells.push(net.to_decimal());
        return cells;
    }
    cells.push(pieces.to_string());
    cells.extend([gross, discount, refunds, net, tax].map(|money| money.to_decimal()));
    cells.extend([shipping, fees, total, paid, refunded].map(|money| money.map_or_else(String::new, Money::to_decimal)));
    cells.push(report.currency.code().to_owned());
    cells
}

/// Text that a spreadsheet does not take for a formula.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
