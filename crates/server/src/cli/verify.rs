//! `zhanggui verify`: every proof (B3), a line each.

use clap::Args;

use super::say;
use crate::compose;
use crate::config::Config;
use crate::open::open;

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Print the proofs as JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let opened = open(config).await?;
        // A line that was written a moment ago is sealed first: the chain covers it.
        while zg_base::relay_once(&opened.app).await? {}
        let proofs = compose::prove(&opened.app).await?;
        if self.json {
            say(&serde_json::to_string_pretty(&proofs)?)?;
        } else {
            for proof in &proofs {
                let verdict = if proof.holds() { "holds" } else { "FAILS" };
                say(&format!("{verdict}  {}  ({} rows)", proof.name, proof.checked))?;
                for fault in &proof.faults {
                    say(&format!("       {fault}"))?;
                }
            }
        }
        opened.app.databases().clone().close().await?;
        let failed = proofs.iter().filter(|proof| !proof.holds()).count();
        anyhow::ensure!(failed == 0, "{failed} of {} proofs failed", proofs.len());
        Ok(())
    }
}
