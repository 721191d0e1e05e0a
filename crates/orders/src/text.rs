//! Texts that people type: trimmed, not too long, without control characters.

use crate::Error;

/// A text that may be missing; blank counts as missing.
pub(crate) fn optional(text: Option<&str>, most: usize, pointer: &'static str) -> Result<Option<String>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > most {
        return Err(Error::field(pointer, "too_long"));
    }
    let plain: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
    Ok(Some(plain))
}

/// A text that must be there.
pub(crate) fn required(text: &str, most: usize, pointer: &'static str) -> Result<String, Error> {
    optional(Some(text), most, pointer)?.ok_or_else(|| Error::field(pointer, "required"))
}
