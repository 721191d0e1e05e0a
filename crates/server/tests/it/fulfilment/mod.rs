//! Fulfilment: pick lists and parcels.

mod hand_over;
mod moved_in;
mod pick;
mod pick_list;
mod ship;
mod undo;
