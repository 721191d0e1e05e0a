//! What stands in for the second factor, once, when the telephone is lost.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff_recovery_code")]
/// What stands in for the second factor, once, when the telephone is lost.
pub struct Model {
    /// Row of `staff`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: i64,
    /// SHA-256 of the code, which is stored nowhere.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
