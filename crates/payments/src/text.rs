//! Texts that people type: trimmed, not too long, without control characters.

use crate::Error;

/// Characters of a reference.
const REFERENCE: usize = 100;
/// Characters of a note.
const NOTE: usize = 1_000;

/// What the bank calls the money.
pub(crate) fn reference(text: &str) -> Result<String, Error> {
    let plain: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
    match plain.chars().count() {
        0 => Err(Error::Field { pointer: "/reference", code: "required" }),
        1..=REFERENCE => Ok(plain),
        _ => Err(Error::Field { pointer: "/reference", code: "too_long" }),
    }
}

/// What somebody wrote about it; blank is nothing.
pub(crate) fn note(text: Option<&str>) -> Result<Option<String>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > NOTE {
        return Err(Error::Field { pointer: "/note", code: "too_long" });
    }
    Ok(Some(text.chars().filter(|c| !c.is_control() || *c == '\n').collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m4_12_a_reference_is_the_same_however_it_was_spaced() {
        assert_eq!(reference("  2026 1125\t0001 ").unwrap(), "2026 1125 0001");
        assert!(matches!(reference(" \u{0007} "), Err(Error::Field { code: "required", .. })));
        assert!(matches!(reference(&"9".repeat(101)), Err(Error::Field { code: "too_long", .. })));
    }
}
