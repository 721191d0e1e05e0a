//! `zhanggui openapi`, and the hidden `zhanggui docs`, of which `cargo xtask generate` makes files.

use std::fmt::Write as _;

use clap::Subcommand;

use super::say;
use crate::compose;

#[derive(Debug, Subcommand)]
pub(super) enum Docs {
    /// Who may call what, as Markdown.
    Permissions,
    /// The order's states, as Markdown.
    OrderStates,
}

pub(super) fn openapi() -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(&compose::api().document())?)
}

pub(super) fn print(docs: &Docs) -> anyhow::Result<()> {
    say(&match docs {
        Docs::Permissions => permissions(),
        Docs::OrderStates => order_states(),
    })
}

fn permissions() -> String {
    let mut out = String::from(
        "# Who may call what\n\nMade by `cargo xtask generate` from the routes' own statements.\n\n| right | operation | API keys |\n|---|---|---|\n",
    );
    let api = compose::api();
    let mut lines: Vec<(String, String, &str)> = api
        .operations()
        .iter()
        .map(|operation| {
            let (who, keys) = match operation.who {
                zg_web::Who::Right { name, keys } => (name.to_owned(), if keys { "yes" } else { "no" }),
                zg_web::Who::Staff => ("(any staff)".to_owned(), "no"),
                zg_web::Who::Shopper => ("(signed-in shopper)".to_owned(), "no"),
                zg_web::Who::Public => ("(anybody)".to_owned(), "no"),
            };
            (who, format!("`{} {}`", operation.method, operation.path), keys)
        })
        .collect();
    lines.sort();
    for (who, operation, keys) in lines {
        let _infallible = writeln!(out, "| {who} | {operation} | {keys} |");
    }
    out.truncate(out.trim_end().len());
    out
}

fn order_states() -> String {
    format!(
        "# Order states\n\nMade by `cargo xtask generate` from the transition table.\n\n{}",
        zg_domain::order::states_markdown().trim_end()
    )
}
