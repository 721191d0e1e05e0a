//! Names folded, so that people are found however one writes them.

use pinyin::ToPinyin as _;
use sea_orm::Set;
use zg_db::entity::customer;

/// A name without case, spaces and punctuation: people of one name have one key.
pub(crate) fn name_key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An address without what its owner may write or leave out: `+…`, and at Gmail the
/// dots. Two addresses of one key reach one person.
pub(crate) fn email_key(email: &str) -> String {
    let email = email.to_lowercase();
    let Some((user, domain)) = email.rsplit_once('@') else { return email };
    let user = user.split('+').next().unwrap_or(user);
    match domain {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", user.replace('.', "")),
        _ => format!("{user}@{domain}"),
    }
}

/// A row with its name and the ways to reach it, and all that is derived of them.
pub(crate) fn row(code: &str, name: &str, email: Option<&str>, phone: Option<&str>) -> customer::ActiveModel {
    customer::ActiveModel {
        code: Set(code.to_owned()),
        name: Set(name.to_owned()),
        email: Set(email.map(str::to_owned)),
        phone: Set(phone.map(str::to_owned)),
        name_key: Set(name_key(name)),
        email_key: Set(email.map(email_key)),
        found_by: Set(found_by(code, name, email, phone)),
        ..Default::default()
    }
}

/// Everything a customer is found by, in lower case, a part a line: code, name,
/// pinyin (`lihaoran`, `lhr`), e-mail, phone.
fn found_by(code: &str, name: &str, email: Option<&str>, phone: Option<&str>) -> String {
    let mut parts = vec![code.to_lowercase(), name.to_lowercase()];
    let key = name_key(name);
    if key != name.to_lowercase() {
        parts.push(key);
    }
    let (full, initials) = romanised(name);
    if !initials.is_empty() {
        parts.extend([full, initials]);
    }
    parts.extend(email.map(str::to_lowercase));
    parts.extend(phone.map(str::to_owned));
    parts.join("\n")
}

/// The pinyin of a name without tones, whole and by initials; empty if it holds no
/// Chinese.
fn romanised(name: &str) -> (String, String) {
    let (mut full, mut initials) = (String::new(), String::new());
    for syllable in name.to_pinyin().flatten() {
        full.push_str(syllable.plain());
        initials.push_str(syllable.first_letter());
    }
    (full, initials)
}

/// What somebody typed to find a customer, as [`found_by`] holds it. Spaces and
/// dashes of a telephone number are left out.
pub(crate) fn asked(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = compact.trim_start_matches('+');
    if digits.len() >= 3 && digits.chars().all(|c| c.is_ascii_digit()) {
        return compact.strip_prefix("+86").map_or(compact.clone(), str::to_owned);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m7_1_a_name_is_found_by_pinyin_and_without_case() {
        let found = found_by("C1003", "李浩然", Some("Li.HR@example.com"), Some("19900001003"));
        for typed in ["李浩", "lihao", "lhr", "LI.HR@", "c1003", "199 0000 1003", "+86 199-0000"] {
            assert!(found.contains(&asked(typed)), "{typed}");
        }
        assert!(found_by("AA-1", "Muhammed O'Brien", None, None).contains(&asked("muhammed o'b")));
        assert!(found_by("AA-1", "Muhammed O'Brien", None, None).contains(&asked("obrien")));
        assert_eq!(name_key("  Alex  AVILA "), name_key("alex avila"));
        assert_ne!(name_key("李雷"), name_key("李蕾"));
    }

    #[test]
    fn m7_1_addresses_that_reach_one_person_have_one_key() {
        assert_eq!(email_key("Li.Lei+shop@example.com"), email_key("li.lei@example.com"));
        assert_eq!(email_key("l.i.lei@gmail.com"), email_key("lilei@googlemail.com"));
        assert_ne!(email_key("l.ilei@example.com"), email_key("li.lei@example.com"));
    }
}
