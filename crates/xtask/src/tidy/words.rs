//! Words that have no place in the repository: one machine's paths, and notes to
//! oneself about what is not done.

use super::{File, Finding};

const WORDS: [&str; 9] = ["/work/", "/root/", "/home/", "TODO", "FIXME", "XXX:", "for now", "lorem ipsum", "work in progress"];

/// This list itself, and what tools have written.
const EXEMPT: [&str; 4] = ["crates/xtask/src/tidy/words.rs", "Cargo.lock", "console/package-lock.json", ".gitignore"];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| !EXEMPT.contains(&file.path.as_str()))
        .flat_map(|file| {
            file.text.lines().zip(1..).filter_map(|(text, line)| {
                let word = WORDS.into_iter().find(|word| text.contains(word))?;
                Some(Finding::at(&file.path, line, &format!("`{word}` has no place here")))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_note_to_oneself_is_found_with_its_line() {
        let found = check(&[file("docs/a.md", "one\n<!-- TODO -->\n")]);
        assert_eq!(found, [Finding::at("docs/a.md", 2, "`TODO` has no place here")]);
    }
}
