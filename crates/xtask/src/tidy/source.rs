//! Rust as a row of tokens: just enough to tell code from comments and strings.

/// A piece of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word(String),
    /// The inside of a string literal of any kind, escapes left as they are.
    Text(String),
    /// Any other character that is not white space.
    Sign(char),
}

/// A token, and the line it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::Text(_) | Kind::Sign(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Word(_) | Kind::Sign(_) => None,
        }
    }

    pub(super) fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// The tokens of the code that ships: what follows `#[cfg(test)]` is left out, for
/// test modules stand at the end of a file.
pub(super) fn shipped(source: &str) -> Vec<Token> {
    let mut tokens = tokens(source);
    let test = tokens.windows(5).position(|at| {
        matches!(at, [hash, open, cfg, paren, test]
            if hash.is('#') && open.is('[') && cfg.word() == Some("cfg")
                && paren.is('(') && test.word() == Some("test"))
    });
    if let Some(at) = test {
        tokens.truncate(at);
    }
    tokens
}

pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { rest: source, line: 1 };
    let mut tokens = Vec::new();
    while let Some(char) = reader.rest.chars().next() {
        let line = reader.line;
        let kind = if reader.rest.starts_with("//") {
            reader.take_while(|char| char != '\n');
            None
        } else if reader.rest.starts_with("/*") {
            reader.block_comment();
            None
        } else if char.is_whitespace() {
            reader.skip(1);
            None
        } else if char == '"' {
            Some(Kind::Text(reader.string()))
        } else if char == '\'' {
            reader.char_or_lifetime();
            None
        } else if char.is_alphanumeric() || char == '_' {
            let word = reader.take_while(|char| char.is_alphanumeric() || char == '_');
            Some(reader.prefixed(word))
        } else {
            reader.skip(1);
            Some(Kind::Sign(char))
        };
        tokens.extend(kind.map(|kind| Token { line, kind }));
    }
    tokens
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    /// Goes on by `bytes`, which must end at a character's border, and gives them.
    fn bytes(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn skip(&mut self, chars: usize) {
        let bytes = self.rest.chars().take(chars).map(char::len_utf8).sum();
        self.bytes(bytes);
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|char| !wanted(char)).unwrap_or(self.rest.len());
        self.bytes(end)
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
            } else {
                self.skip(1);
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    /// From an opening quote to behind the closing one.
    fn string(&mut self) -> String {
        self.skip(1);
        let mut escaped = false;
        let end = self
            .rest
            .find(|char| {
                let closes = char == '"' && !escaped;
                escaped = char == '\\' && !escaped;
                closes
            })
            .unwrap_or(self.rest.len());
        let text = self.bytes(end).to_owned();
        self.skip(1);
        text
    }

    /// A word may be the prefix of a raw, byte or C string.
    fn prefixed(&mut self, word: &str) -> Kind {
        let raw = matches!(word, "r" | "br" | "cr");
        let hashes = self.rest.len() - self.rest.trim_start_matches('#').len();
        let opens = self.rest.trim_start_matches('#').starts_with('"');
        if raw && opens {
            self.skip(hashes + 1);
            let close = format!("\"{}", "#".repeat(hashes));
            let end = self.rest.find(&close).unwrap_or(self.rest.len());
            let text = self.bytes(end).to_owned();
            self.skip(close.len());
            Kind::Text(text)
        } else if matches!(word, "b" | "c") && self.rest.starts_with('"') {
            Kind::Text(self.string())
        } else {
            Kind::Word(word.to_owned())
        }
    }

    /// `'x'` and `'\n'` are characters; in `'a` the quote alone is passed over.
    fn char_or_lifetime(&mut self) {
        self.skip(1);
        let mut ahead = self.rest.chars();
        match (ahead.next(), ahead.next()) {
            (Some('\\'), _) => {
                self.skip(2);
                self.take_while(|char| char != '\'' && char != '\n');
                self.skip(1);
            }
            (Some(_), Some('\'')) => self.skip(2),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        tokens(source).iter().filter_map(|token| token.word().map(str::to_owned)).collect()
    }

    fn texts(source: &str) -> Vec<String> {
        tokens(source).iter().filter_map(|token| token.text().map(str::to_owned)).collect()
    }

    #[test]
    fn comments_are_no_code() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f /// g"), ["a", "f"]);
    }

    #[test]
    fn strings_of_every_kind_are_texts() {
        let source = r##"f("a\"b", r#"c"d"#, b"e", "第一", 'x', '"', '\'', "last")"##;
        assert_eq!(texts(source), [r#"a\"b"#, "c\"d", "e", "第一", "last"]);
        assert_eq!(words(source), ["f"]);
    }

    #[test]
    fn a_lifetime_is_not_a_character() {
        assert_eq!(words("fn f<'a>(x: &'a str) { 'b' }"), ["fn", "f", "a", "x", "a", "str"]);
    }

    #[test]
    fn lines_are_counted_through_strings() {
        let lines: Vec<usize> = tokens("a\n\"b\nc\"\nd").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }

    #[test]
    fn test_modules_do_not_ship() {
        let kept = shipped("fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }");
        assert!(kept.iter().all(|token| token.word() != Some("b")));
        assert_eq!(kept.len(), 6);
    }
}
