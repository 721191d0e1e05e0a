//! Patterns for workers' names: `glob` as Python's `fnmatch`, `pcre` as Python's `re.match`.

use regex::Regex;

/// Whether `name` fits; an error for a kind of pattern or a pattern that is none.
pub(crate) fn fits(name: &str, pattern: &str, matcher: &str) -> Result<bool, String> {
    let pattern = match matcher {
        "glob" => glob(pattern),
        "pcre" => format!("^(?:{pattern})"),
        other => return Err(format!("no kind of pattern is called `{other}`; there are glob and pcre")),
    };
    Regex::new(&pattern).map(|pattern| pattern.is_match(name)).map_err(|error| error.to_string())
}

/// `*`, `?`, `[abc]`, `[!abc]`; everything else stands for itself.
fn glob(pattern: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut rest = pattern.chars();
    while let Some(next) = rest.next() {
        match next {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            '[' => match set(rest.as_str()) {
                Some((set, left)) => {
                    out.push_str(&set);
                    rest = left.chars();
                }
                None => out.push_str("\\["),
            },
            other => out.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    out
}

/// The set that begins after `[`, and what comes after it. A `]` at its start belongs to it.
fn set(text: &str) -> Option<(String, &str)> {
    let (not, inner) = text.strip_prefix('!').map_or(("", text), |inner| ("^", inner));
    let from = inner.char_indices().nth(1).map_or(inner.len(), |(at, _)| at);
    let end = from.checked_add(inner.get(from..)?.find(']')?)?;
    let inside: String =
        inner.get(..end)?.chars().map(|one| if "\\^[]&~".contains(one) { format!("\\{one}") } else { one.to_string() }).collect();
    Some((format!("[{not}{inside}]"), inner.get(end.checked_add(1)?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_python() {
        let table = [
            ("glob", "celery@*", true),
            ("glob", "*", true),
            ("glob", "celery", false),
            ("glob", "celery@web?", true),
            ("glob", "celery@web[0-2]", true),
            ("glob", "celery@web[!1]", false),
            ("glob", "celery@web[", false),
            ("glob", "celery.web1", false),
            ("pcre", r"celery@web\d", true),
            ("pcre", "celery", true),
            ("pcre", "web", false),
        ];
        for (matcher, pattern, fit) in table {
            assert_eq!(fits("celery@web1", pattern, matcher), Ok(fit), "{matcher} {pattern}");
        }
        assert!(fits("x", "(", "pcre").is_err());
        assert!(fits("x", "x", "sql").is_err());
    }
}
