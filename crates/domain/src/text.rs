//! Languages, e-mail addresses and telephone numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a text is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Not a telephone number.
    #[error("not a telephone number")]
    Phone,
    /// Not a language of the shop.
    #[error("not a language of the shop: zh-CN or en")]
    Locale,
}

/// A language of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Locale {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// Its tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }
}

impl FromStr for Locale {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::ALL.into_iter().find(|locale| locale.tag() == text).ok_or(TextError::Locale)
    }
}

/// An e-mail address, in lower case: two that differ in case are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = TextError;

    /// Takes what a mail server could: one `@`, no spaces, a dotted domain or
    /// `localhost`, at most 254 bytes (RFC 5321, 4.5.3.1.3).
    fn from_str(text: &str) -> Result<Self, TextError> {
        let text = text.trim().to_lowercase();
        let (user, domain) = text.rsplit_once('@').ok_or(TextError::Email)?;
        let dotted = domain == "localhost" || (domain.contains('.') && domain.split('.').all(|label| !label.is_empty()));
        let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '@');
        if user.is_empty() || text.len() > 254 || !dotted || user.contains(bad) || domain.contains(bad) {
            return Err(TextError::Email);
        }
        Ok(Self(text))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A telephone number as digits, with `+` before a country code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = TextError;

    /// Takes digits with spaces, dashes, dots and brackets between; `+86` before
    /// a Chinese mobile number is left out.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let allowed = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '+');
        let plus = text.starts_with('+');
        if !text.chars().all(allowed) || text.chars().skip(1).any(|c| c == '+') || !(5..=15).contains(&digits.len()) {
            return Err(TextError::Phone);
        }
        if plus && digits.len() == 13 && digits.starts_with("861") {
            return Ok(Self(digits.chars().skip(2).collect()));
        }
        Ok(Self(if plus { format!("+{digits}") } else { digits }))
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_taken_in_one_form() {
        assert_eq!("  Li.Lei@Example.COM ".parse::<Email>().unwrap().as_str(), "li.lei@example.com");
        for bad in ["", "a", "a@", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@@b.c", "x@y.z\r\nBcc: q@r.s"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
        assert_eq!("+86 138-0013-8000".parse::<Phone>().unwrap().as_str(), "13800138000");
        assert_eq!("+1 (212) 555.0100".parse::<Phone>().unwrap().as_str(), "+12125550100");
        assert!("12".parse::<Phone>().is_err() && "电话".parse::<Phone>().is_err());
    }
}
