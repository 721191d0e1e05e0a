//! What is found, on SQLite and on PostgreSQL: each test runs on both.
//!
//! `ZG_TEST_POSTGRES` names the PostgreSQL server, by default the one on this
//! machine; each test has a schema of its own there.

use std::error::Error;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use search::{Document, Index, Query};

const SHOP: Index = Index::new("shop");

type Result = std::result::Result<(), Box<dyn Error>>;

struct Shop {
    db: DatabaseConnection,
    _folder: tempfile::TempDir,
}

#[expect(clippy::disallowed_methods, reason = "a test is told its database by the environment")]
fn server() -> String {
    std::env::var("ZG_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

async fn shops() -> std::result::Result<[Shop; 2], Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("search.db");
    let sqlite = Database::connect(format!("sqlite:{}?mode=rwc", path.display())).await?;
    let server = server();
    let schema = format!("search_{}", uuid::Uuid::new_v4().simple());
    let mut options = ConnectOptions::new(server);
    options.max_connections(1).set_schema_search_path(&schema).sqlx_logging(false);
    let postgres = Database::connect(options).await?;
    postgres.execute_unprepared(&format!("CREATE SCHEMA {schema}")).await?;
    let shops = [Shop { db: sqlite, _folder: folder }, Shop { db: postgres, _folder: tempfile::tempdir()? }];
    let title = |id, title: &str| Document { id, title: title.to_owned(), ..Document::default() };
    let documents = [
        Document { keywords: "TEA-LJ-250 6900000000017 绿茶 Green Tea".to_owned(), ..title(1, "西湖龙井 West Lake Dragon Well") },
        Document {
            body: "干茶条索紧结，有松烟香。 A smoky black tea, not for teapots.".to_owned(),
            ..title(2, "正山小种红茶 Lapsang Souchong")
        },
        title(3, "白瓷茶壶 White Porcelain Teapots"),
        title(4, "Crème Brûlée Rooibos"),
        title(5, "Long Sleeve Shirt 长袖衬衫"),
    ];
    for shop in &shops {
        search::schema::up(&shop.db, SHOP).await?;
        search::put(&shop.db, SHOP, &documents).await?;
    }
    Ok(shops)
}

impl Shop {
    async fn find(&self, text: &str) -> std::result::Result<Vec<i64>, search::Error> {
        Ok(search::find(&self.db, SHOP, &Query::parse(text), 100).await?.ids)
    }

    async fn end(self) -> Result {
        if self.db.get_database_backend() == sea_orm::DbBackend::Postgres {
            let row = self
                .db
                .query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SELECT current_schema() AS name"))
                .await?;
            let name: String = row.ok_or("a schema")?.try_get("", "name")?;
            self.db.execute_unprepared(&format!("DROP SCHEMA {name} CASCADE")).await?;
        }
        self.db.close().await?;
        Ok(())
    }
}

/// Query and what it finds, the order of matches included.
async fn found(cases: &[(&str, &[i64])]) -> Result {
    for shop in shops().await? {
        for (text, ids) in cases {
            let got = shop.find(text).await?;
            assert_eq!(got, *ids, "{text} on {:?}", shop.db.get_database_backend());
        }
        shop.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn b7_chinese_is_found_by_word_character_and_phrase() -> Result {
    found(&[
        ("龙井", &[1]),
        ("西湖龙井", &[1]),
        ("井", &[1]),
        ("红茶", &[2]),
        ("松烟香", &[2]),
        ("\"瓷茶\"", &[3]),
        ("湖龙", &[1]),
        ("龙湖", &[]),
    ])
    .await
}

#[tokio::test]
async fn b7_pinyin_initials_and_homophones_are_found() -> Result {
    found(&[
        ("longjing", &[1]),
        ("xihulongjing", &[1]),
        ("xihu longjing", &[1]),
        ("xhlj", &[1]),
        ("lj", &[1]),
        ("hongcha", &[2]),
        ("西湖龙景", &[1]),
        ("xihul*", &[1]),
    ])
    .await
}

#[tokio::test]
async fn b7_latin_is_folded_and_plurals_are_one() -> Result {
    found(&[
        ("creme brulee", &[4]),
        ("CRÈME", &[4]),
        ("teapot", &[3, 2]),
        ("TEAPOTS", &[3, 2]),
        ("tea-lj-250", &[1]),
        ("6900000000017", &[1]),
    ])
    .await
}

#[tokio::test]
async fn b7_what_is_written_stands_before_what_sounds_alike() -> Result {
    // `long` is a syllable of 龙井, too; the shirt says it.
    found(&[("long", &[5]), ("rooib*", &[4]), ("port*", &[])]).await
}

#[tokio::test]
async fn b7_typing_errors_are_mended_and_told() -> Result {
    for shop in shops().await? {
        for (text, corrected, ids) in
            [("porcelian", "porcelain", &[3]), ("longjin", "longjing", &[1]), ("draogn well", "dragon well", &[1])]
        {
            let found = search::find(&shop.db, SHOP, &Query::parse(text), 100).await?;
            assert_eq!(found.ids, ids, "{text}");
            assert_eq!(found.corrected.as_deref(), Some(corrected));
        }
        let found = search::find(&shop.db, SHOP, &Query::parse("xylophone"), 100).await?;
        assert_eq!(found, search::Found::default());
        shop.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn b7_phrases_and_exclusions() -> Result {
    found(&[
        ("\"white porcelain\"", &[3]),
        ("\"porcelain white\"", &[]),
        ("teapot -porcelain", &[2]),
        ("茶 -红茶", &[3, 1]),
        ("-tea", &[]),
        ("\"dragon well tea\"", &[]),
    ])
    .await
}

#[tokio::test]
async fn b7_nothing_typed_is_an_error_or_an_operator() -> Result {
    let cases: Vec<(&str, &[i64])> =
        ["'", "\"", "q' | z:*", "{title} : x", "NEAR(a b)", "狮' & !虎", "\\", "(", "tea AND NOT OR", "a\0b", "🍵"]
            .map(|text| (text, [].as_slice()))
            .to_vec();
    found(&cases).await
}

#[tokio::test]
async fn b7_a_document_is_replaced_and_removed() -> Result {
    for shop in shops().await? {
        let anew = Document { id: 3, title: "青花茶壶 Blue Teapot".to_owned(), ..Document::default() };
        search::put(&shop.db, SHOP, &[anew]).await?;
        assert_eq!(shop.find("porcelain").await?, [0_i64; 0]);
        assert_eq!(shop.find("青花").await?, [3]);
        search::remove(&shop.db, SHOP, &[3]).await?;
        assert_eq!(shop.find("青花").await?, [0_i64; 0]);
        search::clear(&shop.db, SHOP).await?;
        assert_eq!(shop.find("龙井").await?, [0_i64; 0]);
        shop.end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn b7_a_long_text_is_indexed_to_its_limit() -> Result {
    for shop in shops().await? {
        let body = "word ".repeat(200_000) + "needle";
        let long = Document { id: 9, title: "Long 长 ".repeat(30_000), body, ..Document::default() };
        search::put(&shop.db, SHOP, &[long]).await?;
        assert_eq!(shop.find("word").await?, [9]);
        assert_eq!(shop.find("needle").await?, [0_i64; 0]);
        shop.end().await?;
    }
    Ok(())
}
