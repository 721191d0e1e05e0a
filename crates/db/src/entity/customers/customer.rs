//! A customer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
/// A customer.
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What the shop calls it; unique.
    pub code: String,
    /// In lower case; unique.
    pub email: Option<String>,
    /// The address folded: `li.lei+shop@` and `li.lei@` reach one person.
    pub email_key: Option<String>,
    /// In one form.
    pub phone: Option<String>,
    /// Name.
    pub name: String,
    /// The name folded: people of one name have one key.
    pub name_key: String,
    /// All it is found by, folded: name, pinyin, e-mail, phone, code.
    pub found_by: String,
    /// Argon2id; none for guests and those the shop entered.
    pub password_hash: Option<String>,
    /// Language tag.
    pub locale: String,
    /// Group of customers, as the shop names it.
    pub segment: Option<String>,
    /// `active`, `merged`, `erased`.
    pub state: String,
    /// The customer that took this one in; never one that was merged itself.
    pub merged_into: Option<i64>,
    /// When they agreed to advertising mails.
    pub marketing_at: Option<DateTimeUtc>,
    /// When they showed that the e-mail address is theirs.
    pub email_verified_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Grows with each change; guards the next.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
/// Joins are written where they are used.
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
