//! The query language: words, a "quoted phrase", -not, unfinished*.

use crate::sound::split;
use crate::text::{Run, cut, exact, runs, stem, syllables};

/// A query, parsed. Anything typed is one: what is not understood is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    wanted: Vec<Term>,
    unwanted: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// A word of letters and digits, folded.
    Word { text: String, unfinished: bool },
    /// A Chinese word.
    Han(String),
    /// Tokens that stand side by side.
    Phrase(Vec<String>),
}

/// Words looked at; the rest is passed over.
const TERMS: usize = 16;

impl Query {
    /// Parses what somebody typed.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() && query.wanted.len() + query.unwanted.len() < TERMS {
            let not = rest.starts_with(['-', '－', '−']);
            if not {
                rest = rest.trim_start_matches(['-', '－', '−']);
            }
            let (part, quoted, after) = part(rest);
            rest = after.trim_start();
            let terms = if quoted { phrase(part) } else { terms(part) };
            if not { query.unwanted.extend(terms) } else { query.wanted.extend(terms) }
        }
        query
    }

    /// Is there nothing to look for?
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Words that a wrong letter may have spoilt.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().filter_map(|term| match term {
            Term::Word { text, .. } => Some(text.as_str()),
            Term::Han(_) | Term::Phrase(_) => None,
        })
    }

    /// The query with words replaced.
    pub(crate) fn with(&self, replaced: &[(String, String)]) -> Self {
        let mut query = self.clone();
        for term in &mut query.wanted {
            if let Term::Word { text, unfinished } = term
                && let Some((_, better)) = replaced.iter().find(|(worse, _)| worse == text)
            {
                text.clone_from(better);
                *unfinished = false;
            }
        }
        query
    }

    /// As a person would type it.
    pub(crate) fn typed(&self) -> String {
        let text = |term: &Term| match term {
            Term::Word { text, .. } | Term::Han(text) => text.clone(),
            Term::Phrase(tokens) => format!("\"{}\"", tokens.join(" ")),
        };
        let unwanted = self.unwanted.iter().map(|term| format!("-{}", text(term)));
        self.wanted.iter().map(text).chain(unwanted).collect::<Vec<_>>().join(" ")
    }

    /// What the database is asked.
    pub(crate) fn expression(&self, hearing: Hearing) -> Expression {
        let wanted = self.wanted.iter().map(|term| term.expression(hearing)).collect();
        let unwanted = self.unwanted.iter().map(|term| term.expression(Hearing::Written)).collect::<Vec<_>>();
        Expression { wanted, unwanted }
    }
}

/// How closely sounds are listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// What is written; pinyin of several syllables.
    Written,
    /// Also single syllables, initials, and other characters of the same sound.
    Sounds,
}

/// All of the one, none of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expression {
    pub(crate) wanted: Vec<Vec<Sequence>>,
    pub(crate) unwanted: Vec<Vec<Sequence>>,
}

/// Tokens side by side in a part of the index; a term is one of several of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) part: Part,
    pub(crate) tokens: Vec<String>,
    /// The last token may go on.
    pub(crate) unfinished: bool,
}

/// A part of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Title, keywords and body, as words.
    Words,
    /// All of it, in the order in which it stands.
    Exact,
    /// The title's syllables and initials.
    Sound,
}

impl Term {
    fn expression(&self, hearing: Hearing) -> Vec<Sequence> {
        let sequence = |part, tokens, unfinished| Sequence { part, tokens, unfinished };
        match self {
            Self::Phrase(tokens) => vec![sequence(Part::Exact, tokens.clone(), false)],
            Self::Han(text) => {
                let mut ways = vec![
                    sequence(Part::Words, vec![text.clone()], false),
                    sequence(Part::Exact, text.chars().map(String::from).collect(), false),
                ];
                if hearing == Hearing::Sounds {
                    ways.push(sequence(Part::Sound, syllables(text), false));
                }
                ways
            }
            Self::Word { text, unfinished } => {
                let token = if *unfinished { text.clone() } else { stem(text) };
                let mut ways = vec![sequence(Part::Words, vec![token], *unfinished)];
                if let Some(syllables) = split(text, *unfinished)
                    && (hearing == Hearing::Sounds || (syllables.len() > 1 && text.len() > 4))
                {
                    ways.push(sequence(Part::Sound, syllables, *unfinished));
                }
                if hearing == Hearing::Sounds && text.len() > 1 && text.bytes().all(|c| c.is_ascii_lowercase()) {
                    ways.push(sequence(Part::Sound, vec![format!("0{text}")], true));
                }
                ways
            }
        }
    }
}

/// The next word or quoted phrase, and what follows it.
fn part(text: &str) -> (&str, bool, &str) {
    let close = match text.chars().next() {
        Some('"' | '＂') => Some(['"', '＂']),
        Some('“' | '”') => Some(['”', '“']),
        Some('「') => Some(['」', '」']),
        _ => None,
    };
    if let Some(close) = close {
        let inner = text.trim_start_matches(['"', '＂', '“', '”', '「']);
        return match inner.split_once(close) {
            Some((phrase, rest)) => (phrase, true, rest),
            None => (inner, true, ""),
        };
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '＂' | '“' | '「')).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, false, rest)
}

fn phrase(text: &str) -> Vec<Term> {
    let tokens = exact(&runs(text));
    if tokens.is_empty() { Vec::new() } else { vec![Term::Phrase(tokens)] }
}

fn terms(part: &str) -> Vec<Term> {
    let unfinished = part.ends_with(['*', '＊']);
    let runs = runs(part);
    let latin = runs.iter().filter(|run| matches!(run, Run::Word(_))).count();
    // A code such as FUR-BO-10: its parts side by side, unless it is being typed.
    if latin == runs.len() && latin > 1 && !unfinished {
        return vec![Term::Phrase(exact(&runs))];
    }
    let last = runs.len().saturating_sub(1);
    runs.into_iter()
        .enumerate()
        .flat_map(|(at, run)| match run {
            Run::Han(text) => cut(&text).into_iter().map(Term::Han).collect::<Vec<_>>(),
            Run::Word(text) => vec![Term::Word { text, unfinished: unfinished && at == last }],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Term {
        Term::Word { text: text.to_owned(), unfinished: false }
    }

    #[test]
    fn b7_words_phrases_and_exclusions_are_told_apart() {
        let query = Query::parse("Green -\"white tea\" “龙井茶” -红茶 tea*");
        assert_eq!(query.wanted.first(), Some(&word("green")));
        assert_eq!(query.wanted.get(1), Some(&Term::Phrase(vec!["龙".to_owned(), "井".to_owned(), "茶".to_owned()])));
        assert_eq!(query.wanted.get(2), Some(&Term::Word { text: "tea".to_owned(), unfinished: true }));
        assert_eq!(query.unwanted, [Term::Phrase(vec!["white".to_owned(), "tea".to_owned()]), Term::Han("红茶".to_owned())]);
    }

    #[test]
    fn b7_anything_typed_is_a_query() {
        for text in ["", "  ", "-", "\"", "\"\"", "*", "🍵", "()&|!:'", "- -", "“"] {
            assert!(Query::parse(text).is_empty(), "{text}");
        }
        assert_eq!(Query::parse("fur-bo-10").wanted, [Term::Phrase(vec!["fur".to_owned(), "bo".to_owned(), "10".to_owned()])]);
        assert_eq!(Query::parse(&"tea ".repeat(100)).wanted.len(), TERMS);
    }
}
