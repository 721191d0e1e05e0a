//! P2: live events over real sockets.

mod asking;
mod load;
mod nodes;
mod rights;

pub(crate) use nodes::happen;
