//! Which language a reader wants.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use zg_domain::Locale;

/// The reader's language: `?locale=`, else `Accept-Language`, else Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lang(pub Locale);

impl Lang {
    /// From the query and the headers.
    pub fn of(uri: &http::Uri, headers: &http::HeaderMap) -> Self {
        let asked = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("locale="));
        if let Some(locale) = asked.and_then(known) {
            return Self(locale);
        }
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // In order of weight; equal weights keep the order they are written in (RFC 9110, 12.5.4).
        let mut wanted: Vec<(u32, &str)> = header.split(',').map(weighted).collect();
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Self(wanted.into_iter().find_map(|(_, tag)| known(tag)).unwrap_or(Locale::ZhCn))
    }
}

impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

fn weighted(part: &str) -> (u32, &str) {
    let (tag, parameter) = part.split_once(';').unwrap_or((part, ""));
    let weight = parameter.trim().strip_prefix("q=").map_or(1000, |q| {
        let digits: String = q.trim().chars().filter(char::is_ascii_digit).chain("000".chars()).take(4).collect();
        digits.parse().unwrap_or(0)
    });
    (weight, tag.trim())
}

fn known(tag: &str) -> Option<Locale> {
    match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "zh" => Some(Locale::ZhCn),
        "en" => Some(Locale::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        let of = |text: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, text.parse().unwrap());
            Lang::of(&"/x".parse().unwrap(), &headers).0
        };
        assert_eq!(of("en"), Locale::En);
        assert_eq!(of("fr, en;q=0.5, zh;q=0.7"), Locale::ZhCn);
        assert_eq!(of("zh-TW;q=0.1,en-GB;q=0.9"), Locale::En);
        assert_eq!(of("fr"), Locale::ZhCn);
    }
}
