//! Tables as data, made the same on both databases, every constraint named.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbErr;

/// A column's type.
#[derive(Clone, Copy)]
pub(crate) enum Col {
    Auto,
    Text,
    Int,
    Big,
    Bool,
    Instant,
    Day,
    Json,
    Bytes,
}

/// A table.
pub(crate) struct Def {
    pub(crate) name: &'static str,
    /// Name, type, may be null.
    pub(crate) columns: &'static [(&'static str, Col, bool)],
    /// The primary key, unless an `Auto` column is it.
    pub(crate) key: &'static [&'static str],
    /// Name and columns.
    pub(crate) unique: &'static [(&'static str, &'static [&'static str])],
    /// Name and condition.
    pub(crate) checks: &'static [(&'static str, &'static str)],
    /// Column, table, its key.
    pub(crate) foreign: &'static [(&'static str, &'static str, &'static str)],
    /// Columns in order: each index serves the list or look-up that filters by
    /// its first columns and sorts by its last.
    pub(crate) indexes: &'static [&'static [&'static str]],
    /// Name, columns, the boolean column that must hold.
    pub(crate) partial: &'static [(&'static str, &'static str, &'static str)],
}

impl Def {
    pub(crate) async fn create(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(Alias::new(self.name));
        for (name, kind, null) in self.columns {
            table.col(column(name, *kind, *null));
        }
        if !self.key.is_empty() {
            let mut key = Index::create();
            key.name(format!("{}_pkey", self.name));
            for name in self.key {
                key.col(Alias::new(*name));
            }
            table.primary_key(&mut key);
        }
        for (name, columns) in self.unique {
            let mut unique = Index::create();
            unique.name(*name).unique();
            for column in *columns {
                unique.col(Alias::new(*column));
            }
            table.index(&mut unique);
        }
        for (name, condition) in self.checks {
            table.check((Alias::new(*name), Expr::cust(*condition)));
        }
        for (column, parent, key) in self.foreign {
            let mut foreign = ForeignKey::create();
            foreign
                .name(format!("{}_{column}_fkey", self.name))
                .from(Alias::new(self.name), Alias::new(*column))
                .to(Alias::new(*parent), Alias::new(*key));
            table.foreign_key(&mut foreign);
        }
        manager.create_table(table).await?;
        for columns in self.indexes {
            let mut index = Index::create();
            index.name(format!("{}_{}_idx", self.name, columns.join("_"))).table(Alias::new(self.name));
            for column in *columns {
                index.col(Alias::new(*column));
            }
            manager.create_index(index).await?;
        }
        for (name, columns, holds) in self.partial {
            zg_db::dialect::unique_where(manager.get_connection(), name, self.name, columns, holds).await?;
        }
        Ok(())
    }
}

fn column(name: &'static str, kind: Col, null: bool) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    match kind {
        Col::Auto => column.big_integer().auto_increment().primary_key(),
        Col::Text => column.text(),
        Col::Int => column.integer(),
        Col::Big => column.big_integer(),
        Col::Bool => column.boolean(),
        Col::Instant => column.timestamp_with_time_zone(),
        Col::Day => column.date(),
        Col::Json => column.json_binary(),
        Col::Bytes => column.binary(),
    };
    if null {
        column.null();
    } else {
        column.not_null();
    }
    column
}
