//! Proofs on demand (B3): the ledgers add up to what stands beside them, and the
//! security log's chain is whole. The command `zhanggui verify` asks the same.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::{App, Proof};
use zg_web::{Answer, Problem, Result, Staff};

use crate::compose;

zg_base::rights! {
    /// Have the ledgers and the security log proven.
    ReadProofs = "proofs.read";
}

/// What was proven.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProofView {
    /// `stock`, `orders`, `payments`, `shipments`, `security log`.
    name: &'static str,
    /// Rows that were looked at.
    checked: u64,
    /// All is as it must be.
    holds: bool,
    /// What is not, the first hundred.
    faults: Vec<String>,
}

/// Every proof, made now. It reads whole ledgers: minutes on a large shop.
#[utoipa::path(get, path = "/admin/proofs", responses((status = 200, body = Vec<ProofView>)))]
pub(crate) async fn list(State(app): State<App>, _staff: Staff) -> Result<Answer<Vec<ProofView>>> {
    let proofs = compose::prove(&app).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "the proofs could not be made");
        Problem::unavailable("busy")
    })?;
    let view = |proof: Proof| ProofView { holds: proof.holds(), name: proof.name, checked: proof.checked, faults: proof.faults };
    Ok(Answer::ok(proofs.into_iter().map(view).collect()))
}
