//! Texts in several languages, and rich text made safe.

use std::collections::BTreeMap;

use zg_domain::Locale;

use crate::Error;

/// Language tag → text.
pub type Texts = BTreeMap<String, String>;

/// Longest name, in characters.
pub(crate) const NAME_LIMIT: usize = 300;
/// Longest description, in bytes of HTML.
const DESCRIPTION_LIMIT: usize = 200_000;

/// A name: at least one language, none too long, none unknown.
pub(crate) fn name(texts: &Texts, pointer: &str) -> Result<Texts, Error> {
    let clean = known(texts, pointer)?;
    if clean.is_empty() {
        return Err(Error::field(pointer, "name_missing"));
    }
    match clean.iter().find(|(_, text)| text.chars().count() > NAME_LIMIT) {
        Some((tag, _)) => Err(Error::field(format!("{pointer}/{tag}"), "too_long")),
        None => Ok(clean),
    }
}

/// Rich text, cleaned by an allow-list (P6).
pub(crate) fn rich(texts: &Texts, pointer: &str) -> Result<Texts, Error> {
    let clean = known(texts, pointer)?;
    match clean.iter().find(|(_, text)| text.len() > DESCRIPTION_LIMIT) {
        Some((tag, _)) => Err(Error::field(format!("{pointer}/{tag}"), "too_long")),
        None => Ok(clean.into_iter().map(|(tag, text)| (tag, ammonia::clean(&text))).collect()),
    }
}

/// A code of a product or category: not empty, at most 100 characters.
pub(crate) fn code(code: &str) -> Result<&str, Error> {
    let code = code.trim();
    match code.chars().count() {
        0 => Err(Error::field("/code", "required")),
        1..=100 => Ok(code),
        _ => Err(Error::field("/code", "too_long")),
    }
}

/// The non-empty texts of known languages.
pub(crate) fn known(texts: &Texts, pointer: &str) -> Result<Texts, Error> {
    let mut clean = Texts::new();
    for (tag, text) in texts {
        if !Locale::ALL.iter().any(|locale| locale.tag() == tag) {
            return Err(Error::field(format!("{pointer}/{tag}"), "locale_unknown"));
        }
        let text = text.trim();
        if !text.is_empty() {
            clean.insert(tag.clone(), text.to_owned());
        }
    }
    Ok(clean)
}

/// The text in a language, or in another one if there is none.
pub fn pick(texts: &Texts, locale: Locale) -> String {
    texts.get(locale.tag()).or_else(|| texts.values().next()).cloned().unwrap_or_default()
}

/// A text from a file as rich text: HTML is cleaned, plain lines become paragraphs.
pub(crate) fn html(text: &str) -> String {
    if text.contains('<') && text.contains('>') {
        return ammonia::clean(text);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{}</p>", ammonia::clean_text(line).replace("&#32;", " "))).collect()
}

/// The beginning of a rich text as plain text, at most so many characters.
pub(crate) fn plain(html: &str, most: usize) -> String {
    let mut out = String::new();
    let mut tag = false;
    for c in html.chars() {
        match c {
            '<' => tag = true,
            '>' => {
                tag = false;
                out.push(' ');
            }
            c if !tag => out.push(c),
            _ => {}
        }
    }
    let out = out.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p6_rich_text_keeps_form_and_loses_scripts() {
        let texts = Texts::from([("en".to_owned(), "<p onclick=x()>Tea <b>leaf</b><script>alert(1)</script></p>".to_owned())]);
        assert_eq!(rich(&texts, "/description").unwrap()["en"], "<p>Tea <b>leaf</b></p>");
    }
}
