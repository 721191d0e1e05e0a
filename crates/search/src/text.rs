//! Text as the database indexes it: folded, and cut into words.

use std::sync::OnceLock;

use jieba_rs::Jieba;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::sound::syllable;

/// The dictionary: 39 MB, some 100 ms to load, so only when Chinese text first comes.
static DICTIONARY: OnceLock<Jieba> = OnceLock::new();

/// Longest run of Chinese characters of which every end is indexed by its initials.
const INITIALS: usize = 8;
/// Longest token, in characters: beyond, it is no word.
const TOKEN: usize = 40;

/// Loads the Chinese dictionary. It takes some 100 ms: an asynchronous program calls
/// it beside its event loop, before it searches or indexes Chinese text.
pub fn warm() {
    DICTIONARY.get_or_init(Jieba::new);
}

/// Has the dictionary been loaded?
pub fn is_warm() -> bool {
    DICTIONARY.get().is_some()
}

/// Does a text hold Chinese characters, so that it needs the dictionary?
pub fn has_han(text: &str) -> bool {
    text.chars().any(is_han)
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}' | '々' | '〇')
}

/// A run of one script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// Chinese characters.
    Han(String),
    /// Letters and digits, in lower case and without marks.
    Word(String),
}

/// A text as runs; everything else stands between them.
pub(crate) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut apart = true;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if !c.is_alphanumeric() {
            // It's, l'eau: the apostrophe joins.
            apart = apart || !matches!(c, '\'' | '’');
            continue;
        }
        match (is_han(c), runs.last_mut()) {
            (true, Some(Run::Han(run))) if !apart => run.push(c),
            (false, Some(Run::Word(run))) if !apart && run.chars().count() < TOKEN => run.push(c),
            (true, _) => runs.push(Run::Han(c.to_string())),
            (false, _) => runs.push(Run::Word(c.to_string())),
        }
        apart = false;
    }
    runs
}

/// An English plural as its singular (Harman's S-stemmer), any other word as it is.
pub(crate) fn stem(word: &str) -> String {
    if word.len() < 4 || !word.bytes().all(|c| c.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let ends = |end: &str| word.ends_with(end);
    if ends("ies") && !ends("eies") && !ends("aies") {
        return word.strip_suffix("ies").map(|base| format!("{base}y")).unwrap_or_default();
    }
    if ends("s") && !ends("us") && !ends("ss") && !ends("is") {
        return word.strip_suffix('s').unwrap_or(word).to_owned();
    }
    word.to_owned()
}

/// Words to be found: Chinese also by the shorter words inside longer ones.
pub(crate) fn words(runs: &[Run]) -> Vec<String> {
    let mut words = Vec::new();
    for run in runs {
        match run {
            Run::Han(text) => {
                let cut = DICTIONARY.get_or_init(Jieba::new).cut_for_search(text, true);
                words.extend(cut.into_iter().map(|word| word.word.to_owned()));
            }
            Run::Word(word) => words.push(stem(word)),
        }
    }
    words
}

/// Chinese words as a reader would cut them.
pub(crate) fn cut(han: &str) -> Vec<String> {
    DICTIONARY.get_or_init(Jieba::new).cut(han, true).into_iter().map(|word| word.word.to_owned()).collect()
}

/// The text as it stands, character by character where it is Chinese: what phrases
/// are looked for in.
pub(crate) fn exact(runs: &[Run]) -> Vec<String> {
    runs.iter()
        .flat_map(|run| match run {
            Run::Han(text) => text.chars().map(String::from).collect::<Vec<_>>(),
            Run::Word(word) => vec![stem(word)],
        })
        .collect()
}

/// The syllables of a Chinese text, in order; none where a character has none.
pub(crate) fn syllables(han: &str) -> Vec<String> {
    han.chars().filter_map(syllable).map(str::to_owned).collect()
}

/// The initials of a run from each of its characters on, marked: `西湖龙井` is
/// `0xhlj 0hlj 0lj`.
pub(crate) fn initials(han: &str) -> Vec<String> {
    let letters: Vec<char> = han.chars().filter_map(syllable).filter_map(|syllable| syllable.chars().next()).collect();
    (0..letters.len().saturating_sub(1))
        .map(|from| letters.iter().skip(from).take(INITIALS).fold("0".to_owned(), |text, c| text + &c.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_text_is_folded_and_cut_by_script() {
        let of = |text| {
            runs(text)
                .into_iter()
                .map(|run| match run {
                    Run::Han(run) | Run::Word(run) => run,
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(of("Crème Brûlée"), ["creme", "brulee"]);
        assert_eq!(of("Ｔｅａ茶 100g"), ["tea", "茶", "100g"]);
        assert_eq!(of("It's FUR-BO-10000112"), ["its", "fur", "bo", "10000112"]);
        assert_eq!(of("🍵"), [""; 0]);
    }

    #[test]
    fn b7_chinese_is_cut_into_words() {
        assert_eq!(words(&runs("西湖龙井茶")), ["西湖", "龙井", "龙井茶"]);
        assert_eq!(initials("西湖龙井"), ["0xhlj", "0hlj", "0lj"]);
        assert_eq!(syllables("西湖龙井"), ["xi", "hu", "long", "jing"]);
    }

    #[test]
    fn b7_plurals_are_found_by_their_singular() {
        for (plural, singular) in [("teapots", "teapot"), ("berries", "berry"), ("glass", "glass"), ("bus", "bus"), ("box", "box")] {
            assert_eq!(stem(plural), singular);
        }
    }
}
