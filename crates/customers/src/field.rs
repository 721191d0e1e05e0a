//! Fields of bodies, parsed where they come in.

use zg_domain::{Email, Phone};

use crate::Error;

/// A text without surrounding spaces, of at most `most` characters.
pub(crate) fn text(pointer: &'static str, text: &str, most: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Error::Field { pointer, code: "too_long" });
    }
    if text.chars().any(char::is_control) {
        return Err(Error::Field { pointer, code: "invalid_value" });
    }
    Ok(text.to_owned())
}

/// As [`text`], and not empty.
pub(crate) fn required(pointer: &'static str, value: &str, most: usize) -> Result<String, Error> {
    let text = text(pointer, value, most)?;
    if text.is_empty() { Err(Error::Field { pointer, code: "required" }) } else { Ok(text) }
}

/// A text of several lines, which must hold something.
pub(crate) fn lines(pointer: &'static str, value: &str, most: usize) -> Result<String, Error> {
    let text = value.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(Error::Field { pointer, code: "required" });
    }
    if text.chars().count() > most {
        return Err(Error::Field { pointer, code: "too_long" });
    }
    Ok(text)
}

/// An e-mail address; none if empty.
pub(crate) fn email(pointer: &'static str, text: &str) -> Result<Option<String>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let email: Email = text.parse().map_err(|_| Error::Field { pointer, code: "customer_email_invalid" })?;
    Ok(Some(email.as_str().to_owned()))
}

/// A telephone number in one form; none if empty.
pub(crate) fn phone(pointer: &'static str, text: &str) -> Result<Option<String>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let phone: Phone = text.parse().map_err(|_| Error::Field { pointer, code: "customer_phone_invalid" })?;
    Ok(Some(phone.as_str().to_owned()))
}
