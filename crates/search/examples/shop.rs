//! A small shop in a file, searched by what is given on the command line.
#![expect(clippy::print_stdout, reason = "an example's answer")]

use std::error::Error;

use search::{Document, Index, Query};

const TEA: Index = Index::new("tea");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let db = sea_orm::Database::connect(format!("sqlite:{}?mode=rwc", folder.path().join("shop.db").display())).await?;
    search::schema::up(&db, TEA).await?;
    let teas = ["西湖龙井 West Lake Longjing", "正山小种红茶 Lapsang Souchong", "白瓷茶壶 White Porcelain Teapot", "Crème brûlée rooibos"];
    let documents: Vec<Document> =
        (1..).zip(teas).map(|(id, title)| Document { id, title: title.to_owned(), ..Document::default() }).collect();
    search::put(&db, TEA, &documents).await?;
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let queries = if typed.is_empty() {
        ["龙井", "longjing", "xhlj", "teapto", "creme -brulee", "\"white porcelain\""].map(str::to_owned).to_vec()
    } else {
        vec![typed.join(" ")]
    };
    for query in queries {
        let found = search::find(&db, TEA, &Query::parse(&query), 10).await?;
        println!("{query}: {:?}", found.ids);
        if let Some(corrected) = found.corrected {
            println!("  (searched {corrected} instead)");
        }
    }
    Ok(())
}
