//! `zhanggui report`: figures for people and for other programs.

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use zg_domain::{Currency, Locale};
use zg_reports::{Ask, By, Detail};

use super::{Usage, say};
use crate::config::Config;
use crate::open::open;

#[derive(Debug, Subcommand)]
pub(super) enum Report {
    /// Orders in sum: how many, their lines, and what these came to. Cancelled orders are
    /// not counted.
    Orders(Orders),
}

#[derive(Debug, Args)]
pub(super) struct Orders {
    /// By what orders are grouped.
    #[arg(long, value_enum)]
    by: Grouping,
    /// The first day, 2026-11-01 [default: the day of the first order].
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// The last day, which is included [default: the day of the last order].
    #[arg(long, value_name = "DAY")]
    to: Option<NaiveDate>,
    /// Orders in this currency [default: the only one there is, or the shop's own].
    #[arg(long, value_name = "ISO 4217")]
    currency: Option<String>,
    /// The form of the answer; JSON has every figure.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Grouping {
    /// By the shop's day on which they were placed.
    Day,
    /// By the month in which they were placed.
    Month,
    /// By the category at the top of the tree.
    Category,
    /// By the category that lines were sold under.
    Subcategory,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Plain decimals, no thousands separators.
    Csv,
    /// Minor units and currency.
    Json,
}

impl Report {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Orders(asked) = self;
        let currency: Option<Currency> = asked
            .currency
            .map(|code| code.to_ascii_uppercase().parse().map_err(|_| Usage(format!("`{code}` is no currency that is known here"))))
            .transpose()?;
        let by = match asked.by {
            Grouping::Day => By::Day,
            Grouping::Month => By::Month,
            Grouping::Category => By::Category,
            Grouping::Subcategory => By::Subcategory,
        };
        let opened = open(config).await?;
        let ask = Ask { from: asked.from, to: asked.to, currency, ..Ask::everything(by, Locale::ZhCn) };
        let report = zg_reports::orders(&opened.app, &ask).await.context("the report can't be made")?;
        opened.app.databases().clone().close().await?;
        match asked.format {
            Format::Csv => say(zg_reports::csv(&report, Detail::Brief)?.trim_end()),
            Format::Json => say(&serde_json::to_string_pretty(&report)?),
        }
    }
}
