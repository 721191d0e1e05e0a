//! Files that have grown too long to be read in one go.

use std::collections::BTreeSet;

use super::File;

pub(super) const LIMIT: usize = 500;

/// Paths of written (not generated) code over the limit.
pub(super) fn long(files: &[File]) -> BTreeSet<String> {
    files
        .iter()
        .filter(|file| {
            let code = [".rs", ".ts", ".tsx", ".css"].iter().any(|end| file.path.ends_with(end));
            code && !file.path.ends_with(".d.ts") && file.text.lines().count() > LIMIT
        })
        .map(|file| file.path.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn only_code_over_the_limit_is_long() {
        let long_text = "\n".repeat(LIMIT + 1);
        let files = [
            file("crates/a/src/a.rs", &long_text),
            file("crates/a/src/b.rs", &"\n".repeat(LIMIT)),
            file("console/src/api/schema.d.ts", &long_text),
            file("demo/products.csv", &long_text),
        ];
        assert_eq!(long(&files), BTreeSet::from(["crates/a/src/a.rs".to_owned()]));
    }
}
