//! Remote control: commands to workers, and what they answer.

pub(crate) mod patterns;
pub(crate) mod rates;
