//! Parts of texts: what somebody typed, every sign of it standing for itself.

use sea_orm::sea_query::{Expr, ExprTrait as _, LikeExpr};

/// The text begins so.
pub fn begins(text: Expr, part: &str) -> Expr {
    like(text, format!("{}%", escaped(part)))
}

/// The text ends so.
pub fn ends(text: Expr, part: &str) -> Expr {
    like(text, format!("%{}", escaped(part)))
}

/// The text has this in it.
pub fn holds(text: Expr, part: &str) -> Expr {
    like(text, format!("%{}%", escaped(part)))
}

fn like(text: Expr, pattern: String) -> Expr {
    text.like(LikeExpr::new(pattern).escape('\\'))
}

fn escaped(part: &str) -> String {
    part.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn b7_a_sign_of_patterns_stands_for_itself() {
        assert_eq!(super::escaped(r"50%_\ 茶"), r"50\%\_\\ 茶");
    }
}
