//! What every shop begins with: a channel and its price list, a warehouse, tax
//! classes, ways to pay.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ActiveModelTrait as _, DbErr, EntityTrait as _, Set};
use zg_db::entity::{channel, channel_warehouse, payment_method, price_list, tax_class, warehouse};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let channel = channel::ActiveModel {
            code: Set("default".to_owned()),
            name: Set("网店 Online shop".to_owned()),
            currency: Set("CNY".to_owned()),
            tax_included: Set(true),
            is_default: Set(true),
            ..Default::default()
        };
        let channel = channel.insert(db).await?;
        let warehouse = warehouse::ActiveModel {
            code: Set("main".to_owned()),
            name: Set("主仓 Main warehouse".to_owned()),
            priority: Set(0),
            version: Set(1),
            ..Default::default()
        };
        let warehouse = warehouse.insert(db).await?;
        let link = channel_warehouse::ActiveModel { channel_id: Set(channel.id), warehouse_id: Set(warehouse.id), priority: Set(0) };
        channel_warehouse::Entity::insert(link).exec_without_returning(db).await?;
        for (code, name, rate_ppm) in [("standard", "标准 13% Standard 13%", 130_000), ("zero", "零税率 Zero", 0)] {
            let class = tax_class::ActiveModel {
                code: Set(code.to_owned()),
                name: Set(name.to_owned()),
                rate_ppm: Set(rate_ppm),
                ..Default::default()
            };
            class.insert(db).await?;
        }
        let list = price_list::ActiveModel {
            code: Set("default".to_owned()),
            currency: Set("CNY".to_owned()),
            channel_id: Set(channel.id),
            ..Default::default()
        };
        list.insert(db).await?;
        let bank = payment_method::ActiveModel {
            code: Set("bank_transfer".to_owned()),
            kind: Set("bank_transfer".to_owned()),
            name_zh: Set("银行转账".to_owned()),
            name_en: Set("Bank transfer".to_owned()),
            instructions_zh: Set("请在三天内转账，并在附言中写明订单号。".to_owned()),
            instructions_en: Set("Transfer within three days and name the order number.".to_owned()),
            enabled: Set(true),
            expires_minutes: Set(Some(72 * 60)),
            position: Set(0),
            version: Set(1),
            ..Default::default()
        };
        bank.insert(db).await?;
        let cod = payment_method::ActiveModel {
            code: Set("cod".to_owned()),
            kind: Set("cod".to_owned()),
            name_zh: Set("货到付款".to_owned()),
            name_en: Set("Cash on delivery".to_owned()),
            instructions_zh: Set("收货时付款给快递员。".to_owned()),
            instructions_en: Set("Pay the courier on delivery.".to_owned()),
            enabled: Set(true),
            expires_minutes: Set(None),
            position: Set(1),
            version: Set(1),
            ..Default::default()
        };
        cod.insert(db).await?;
        Ok(())
    }
}
