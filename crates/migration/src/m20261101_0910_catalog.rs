//! Tables of: catalog.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbErr;

use crate::table::{Col, Def};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for def in TABLES {
            def.create(manager).await?;
        }
        let first = Query::insert().into_table("catalog_version").columns(["id", "version"]).values_panic([1.into(), 1.into()]).to_owned();
        manager.get_connection().execute(&first).await?;
        Ok(())
    }
}

const TABLES: &[Def] = &[
    Def {
        name: "catalog_version",
        columns: &[("id", Col::Big, false), ("version", Col::Big, false)],
        key: &["id"],
        unique: &[],
        checks: &[("catalog_version_one_check", "id = 1")],
        foreign: &[],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "category",
        columns: &[
            ("id", Col::Auto, false),
            ("parent_id", Col::Big, true),
            ("code", Col::Text, false),
            ("position", Col::Int, false),
            ("path", Col::Text, false),
            ("depth", Col::Int, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("category_code_key", &["code"])],
        checks: &[],
        foreign: &[("parent_id", "category", "id")],
        indexes: &[&["path"], &["parent_id", "position"]],
        partial: &[],
    },
    Def {
        name: "category_text",
        columns: &[
            ("category_id", Col::Big, false),
            ("locale", Col::Text, false),
            ("name", Col::Text, false),
            ("description", Col::Text, false),
        ],
        key: &["category_id", "locale"],
        unique: &[],
        checks: &[],
        foreign: &[("category_id", "category", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "slug",
        columns: &[
            ("id", Col::Auto, false),
            ("entity", Col::Text, false),
            ("entity_id", Col::Big, false),
            ("locale", Col::Text, false),
            ("slug", Col::Text, false),
            ("current", Col::Bool, false),
            ("created_at", Col::Instant, false),
        ],
        key: &[],
        unique: &[("slug_slug_key", &["slug"])],
        checks: &[],
        foreign: &[],
        indexes: &[&["entity", "entity_id"]],
        partial: &[],
    },
    Def {
        name: "product",
        columns: &[
            ("id", Col::Auto, false),
            ("code", Col::Text, false),
            ("status", Col::Text, false),
            ("tax_class_id", Col::Big, false),
            ("primary_category_id", Col::Big, true),
            ("published_at", Col::Instant, true),
            ("deleted_at", Col::Instant, true),
            ("sales_count", Col::Big, false),
            ("min_price_minor", Col::Big, true),
            ("created_at", Col::Instant, false),
            ("updated_at", Col::Instant, false),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("product_code_key", &["code"])],
        checks: &[],
        foreign: &[("tax_class_id", "tax_class", "id"), ("primary_category_id", "category", "id")],
        // Staff's list, and by status; then the shop's lists: newest, cheapest, best sold first.
        indexes: &[
            &["updated_at", "id"],
            &["status", "updated_at"],
            &["status", "published_at", "id"],
            &["status", "min_price_minor", "id"],
            &["status", "sales_count", "id"],
        ],
        partial: &[],
    },
    Def {
        name: "product_text",
        columns: &[
            ("product_id", Col::Big, false),
            ("locale", Col::Text, false),
            ("name", Col::Text, false),
            ("description", Col::Text, false),
            ("seo_title", Col::Text, true),
            ("seo_description", Col::Text, true),
        ],
        key: &["product_id", "locale"],
        unique: &[],
        checks: &[],
        foreign: &[("product_id", "product", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "product_category",
        columns: &[("product_id", Col::Big, false), ("category_id", Col::Big, false)],
        key: &["product_id", "category_id"],
        unique: &[],
        checks: &[],
        foreign: &[("product_id", "product", "id"), ("category_id", "category", "id")],
        indexes: &[&["category_id", "product_id"]],
        partial: &[],
    },
    Def {
        name: "product_option",
        columns: &[("id", Col::Auto, false), ("product_id", Col::Big, false), ("position", Col::Int, false), ("code", Col::Text, false)],
        key: &[],
        unique: &[("product_option_code_key", &["product_id", "code"])],
        checks: &[],
        foreign: &[("product_id", "product", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "product_option_text",
        columns: &[("option_id", Col::Big, false), ("locale", Col::Text, false), ("name", Col::Text, false)],
        key: &["option_id", "locale"],
        unique: &[],
        checks: &[],
        foreign: &[("option_id", "product_option", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "product_option_value",
        columns: &[("id", Col::Auto, false), ("option_id", Col::Big, false), ("position", Col::Int, false), ("code", Col::Text, false)],
        key: &[],
        unique: &[("product_option_value_code_key", &["option_id", "code"])],
        checks: &[],
        foreign: &[("option_id", "product_option", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "product_option_value_text",
        columns: &[("value_id", Col::Big, false), ("locale", Col::Text, false), ("name", Col::Text, false)],
        key: &["value_id", "locale"],
        unique: &[],
        checks: &[],
        foreign: &[("value_id", "product_option_value", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "sku",
        columns: &[
            ("id", Col::Auto, false),
            ("product_id", Col::Big, false),
            ("code", Col::Text, false),
            ("barcode", Col::Text, true),
            ("weight_g", Col::Big, false),
            ("position", Col::Int, false),
            ("tracked", Col::Bool, false),
            ("deleted_at", Col::Instant, true),
            ("version", Col::Big, false),
        ],
        key: &[],
        unique: &[("sku_code_key", &["code"])],
        checks: &[],
        foreign: &[("product_id", "product", "id")],
        indexes: &[&["product_id"], &["barcode"]],
        partial: &[],
    },
    Def {
        name: "sku_value",
        columns: &[("sku_id", Col::Big, false), ("option_id", Col::Big, false), ("value_id", Col::Big, false)],
        key: &["sku_id", "option_id"],
        unique: &[],
        checks: &[],
        foreign: &[("sku_id", "sku", "id"), ("option_id", "product_option", "id"), ("value_id", "product_option_value", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "price_list",
        columns: &[("id", Col::Auto, false), ("code", Col::Text, false), ("currency", Col::Text, false), ("channel_id", Col::Big, false)],
        key: &[],
        unique: &[("price_list_code_key", &["code"])],
        checks: &[],
        foreign: &[("channel_id", "channel", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "price",
        columns: &[
            ("id", Col::Auto, false),
            ("sku_id", Col::Big, false),
            ("price_list_id", Col::Big, false),
            ("currency", Col::Text, false),
            ("min_qty", Col::Big, false),
            ("amount_minor", Col::Big, false),
            ("from_at", Col::Instant, true),
            ("until_at", Col::Instant, true),
        ],
        key: &[],
        unique: &[],
        checks: &[("price_amount_check", "amount_minor >= 0"), ("price_min_qty_check", "min_qty >= 1")],
        foreign: &[("sku_id", "sku", "id"), ("price_list_id", "price_list", "id")],
        indexes: &[&["sku_id", "price_list_id"]],
        partial: &[],
    },
    Def {
        name: "media",
        columns: &[
            ("id", Col::Auto, false),
            ("product_id", Col::Big, false),
            ("sku_id", Col::Big, true),
            ("file_id", Col::Big, false),
            ("kind", Col::Text, false),
            ("position", Col::Int, false),
            ("width", Col::Int, false),
            ("height", Col::Int, false),
            ("alt_zh", Col::Text, true),
            ("alt_en", Col::Text, true),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("product_id", "product", "id"), ("sku_id", "sku", "id"), ("file_id", "file", "id")],
        indexes: &[&["product_id", "position"]],
        partial: &[],
    },
    Def {
        name: "media_size",
        columns: &[
            ("media_id", Col::Big, false),
            ("width", Col::Int, false),
            ("height", Col::Int, false),
            ("file_id", Col::Big, false),
            ("media_type", Col::Text, false),
        ],
        key: &["media_id", "width"],
        unique: &[],
        checks: &[],
        foreign: &[("media_id", "media", "id"), ("file_id", "file", "id")],
        indexes: &[],
        partial: &[],
    },
];
