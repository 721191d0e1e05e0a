//! Mails that open something for their reader alone are marked, and say nothing once they left.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Set};
use zg_db::entity::mail;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The templates whose mails hold a link that signs in, or lets choose a password.
const SECRET: [&str; 4] = ["staff_invitation", "staff_password", "account_confirm", "account_reset"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut secret = ColumnDef::new("secret");
        secret.boolean().not_null().default(false);
        manager.alter_table(Table::alter().table("mail").add_column(secret).to_owned()).await?;
        let db = manager.get_connection();
        mail::Entity::update_many()
            .set(mail::ActiveModel { secret: Set(true), ..Default::default() })
            .filter(mail::Column::Template.is_in(SECRET))
            .exec(db)
            .await?;
        mail::Entity::update_many()
            .set(mail::ActiveModel { text: Set(String::new()), html: Set(String::new()), ..Default::default() })
            .filter(mail::Column::Secret.eq(true))
            .filter(mail::Column::State.eq("sent"))
            .exec(db)
            .await?;
        Ok(())
    }
}
