//! What a proof finds (B3): ledgers against what they must add up to.

use serde::Serialize;

/// Faults named; the count goes on.
const NAMED: usize = 100;

/// What a proof found.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Proof {
    /// What was proven.
    pub name: &'static str,
    /// How many rows were looked at.
    pub checked: u64,
    /// What is not as it must be, the first hundred.
    pub faults: Vec<String>,
}

impl Proof {
    /// Nothing looked at yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, checked: 0, faults: Vec::new() }
    }

    /// Notes a fault.
    pub fn fault(&mut self, text: String) {
        if self.faults.len() < NAMED {
            self.faults.push(text);
        }
    }

    /// Is all as it must be?
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}
