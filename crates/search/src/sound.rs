//! How Chinese sounds: pinyin of characters, and a typed word as syllables.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use pinyin::ToPinyin as _;

/// Longest syllable: `zhuang`.
const LONGEST: usize = 6;

/// A character's syllable without its tone, `ü` as `v`.
pub(crate) fn syllable(c: char) -> Option<&'static str> {
    c.to_pinyin().map(pinyin::Pinyin::plain).map(|plain| if plain.contains('ü') { umlaut(plain) } else { plain })
}

fn umlaut(plain: &str) -> &'static str {
    match plain {
        "lü" => "lv",
        "nü" => "nv",
        "lüe" => "lve",
        "nüe" => "nve",
        _ => "v",
    }
}

/// Every syllable there is: those of all common characters.
fn syllables() -> &'static BTreeSet<&'static str> {
    static KNOWN: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| ('\u{4e00}'..='\u{9fa5}').filter_map(syllable).filter(|text| text.is_ascii()).collect())
}

/// A word of Latin letters as syllables, in the way with the fewest; the last may be
/// cut off if `unfinished`. None if it is no pinyin.
pub(crate) fn split(word: &str, unfinished: bool) -> Option<Vec<String>> {
    if word.is_empty() || word.len() > 60 || !word.bytes().all(|c| c.is_ascii_lowercase()) {
        return None;
    }
    // `best` holds, for each place in the word, the shortest way to it.
    let mut best: Vec<Option<Vec<&str>>> = vec![None; word.len() + 1];
    if let Some(start) = best.first_mut() {
        *start = Some(Vec::new());
    }
    for from in 0..word.len() {
        let Some(way) = best.get(from).cloned().flatten() else { continue };
        for to in from + 1..=word.len().min(from + LONGEST) {
            let Some(part) = word.get(from..to) else { continue };
            let cut = unfinished && to == word.len() && syllables().range(part..).next().is_some_and(|known| known.starts_with(part));
            if !syllables().contains(part) && !cut {
                continue;
            }
            let Some(place) = best.get_mut(to) else { continue };
            if place.as_ref().is_none_or(|known| way.len() + 1 < known.len()) {
                let mut next = way.clone();
                next.push(part);
                *place = Some(next);
            }
        }
    }
    best.pop().flatten().map(|way| way.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(word: &str, unfinished: bool) -> Option<String> {
        split(word, unfinished).map(|way| way.join(" "))
    }

    #[test]
    fn b7_pinyin_is_split_into_syllables() {
        assert_eq!(joined("xihulongjing", false).as_deref(), Some("xi hu long jing"));
        assert_eq!(joined("hongcha", false).as_deref(), Some("hong cha"));
        assert_eq!(joined("lv", false).as_deref(), Some("lv"));
        assert_eq!(joined("teapot", false), None);
        assert_eq!(joined("longji", false).as_deref(), Some("long ji"));
        assert_eq!(joined("longjin", true).as_deref(), Some("long jin"));
        assert_eq!(joined("xihul", false), None);
        assert_eq!(joined("xihul", true).as_deref(), Some("xi hu l"));
        assert_eq!(syllable('茶'), Some("cha"));
        assert_eq!(syllable('绿'), Some("lv"));
    }
}
