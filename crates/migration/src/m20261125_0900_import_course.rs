//! How far an import has come, the pictures that its rows name, and where a picture came from.

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
        for table in TABLES {
            table.create(manager).await?;
        }
        Ok(())
    }
}

const TABLES: &[Def] = &[
    Def {
        name: "import_course",
        columns: &[
            ("job_id", Col::Big, false),
            ("attempt", Col::Big, false),
            ("phase", Col::Text, false),
            ("row", Col::Big, false),
            ("after_key", Col::Text, true),
            ("total", Col::Big, false),
            ("done", Col::Big, false),
            ("failed", Col::Big, false),
            ("created", Col::Big, false),
            ("updated", Col::Big, false),
            ("pictures", Col::Big, false),
            ("pictures_done", Col::Big, false),
            ("pictures_failed", Col::Big, false),
        ],
        key: &["job_id"],
        unique: &[],
        checks: &[("import_course_phase_check", "phase IN ('read', 'plan', 'apply', 'pictures')")],
        foreign: &[("job_id", "job", "id")],
        indexes: &[],
        partial: &[],
    },
    Def {
        name: "import_picture",
        columns: &[
            ("id", Col::Auto, false),
            ("job_id", Col::Big, false),
            ("row", Col::Big, false),
            ("source", Col::Text, false),
            ("target", Col::Big, false),
            ("part", Col::Big, true),
            ("attempts", Col::Int, false),
            ("due_at", Col::Instant, false),
        ],
        key: &[],
        unique: &[],
        checks: &[],
        foreign: &[("job_id", "job", "id")],
        // The next pictures of a job, in the order of its file.
        indexes: &[&["job_id", "id"]],
        partial: &[],
    },
    Def {
        name: "media_source",
        columns: &[("media_id", Col::Big, false), ("url", Col::Text, false)],
        key: &["media_id", "url"],
        unique: &[],
        checks: &[],
        foreign: &[("media_id", "media", "id")],
        indexes: &[],
        partial: &[],
    },
];
