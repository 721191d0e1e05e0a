//! P16, P17: a shop in a file, and out of it, on whichever database.

use std::io::{Read as _, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::json;
use zg_base::{Actor, Visibility};
use zhanggui::archive;

use crate::support::TestApp;
use crate::support::platform::Binary;

fn text(path: &Path) -> String {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// What it holds: all but the head and the end, which say when and how.
fn content(path: &Path) -> Vec<String> {
    let text = text(path);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.remove(0);
    lines.pop();
    lines.sort();
    lines
}

fn write(path: &Path, text: &str) {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    std::fs::write(path, gzip.finish().unwrap()).unwrap();
}

/// A shop with something of each kind: texts of all sorts, JSON, instants, bytes, a file.
async fn shop() -> TestApp {
    let app = TestApp::new().await;
    app.product("TEA").named("茶 “'; DROP TABLE 🍵", "Tea\u{1f}\\").stock(10).await;
    let owner = app.owner().await;
    owner.post("/admin/roles", json!({ "name": "Packer", "rights": ["stock.read"] })).await.expect(201);
    let bytes = bytes::Bytes::from(vec![7; 300_000]);
    let sha256 = app.app.put_file(Visibility::Private, bytes.clone()).await.unwrap();
    let tx = app.app.begin(&Actor::system("test")).await.unwrap();
    tx.record_file(Visibility::Private, &sha256, "text/csv", 300_000, "past.csv").await.unwrap();
    tx.commit().await.unwrap();
    app.run_due().await;
    app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p17_a_backup_restores_into_either_database_with_equal_content() {
    let app = shop().await;
    let binary = Binary::new();
    let (first, second, third) = (binary.path("1.zgb"), binary.path("2.zgb"), binary.path("3.zgb"));
    let counts = archive::write(&app.app, &first).await.unwrap();
    assert_eq!((counts.files, counts.missing.len()), (1, 0));
    assert_eq!(archive::check(&first).await.unwrap(), counts);

    // Into SQLite, by the command; its ledgers hold there, and the log's chain.
    binary.run(&["restore", "1.zgb"]).ok();
    binary.run(&["verify"]).ok();
    binary.run(&["backup", "2.zgb"]).ok();
    assert_eq!(content(&first), content(&second));
    let again = binary.run(&["backup", "2.zgb"]);
    assert_eq!((again.status, again.err.contains("is there already")), (1, true), "{again:?}");

    // And back into the database that this test runs on.
    let other = TestApp::new().await;
    archive::read(&other.app, &second).await.unwrap();
    archive::write(&other.app, &third).await.unwrap();
    assert_eq!(content(&first), content(&third));
    let file = other.app.files().get(Visibility::Private, &zg_base::secrets::sha256_hex(&[7; 300_000])).await.unwrap();
    assert_eq!(file.len(), 300_000);

    // Work goes on there: new rows find new ids, and words find goods.
    other.product("CUP").stock(1).await;
    let found = other.guest().get("/store/products?q=Tea").await.expect(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "{}", found.text());
}

#[tokio::test]
async fn p17_a_backup_is_of_one_instant_although_others_write() {
    let app = shop().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zgb");
    let writing = app.app.clone();
    let others = tokio::spawn(async move {
        for number in 0..60 {
            let tx = writing.begin(&Actor::system("test")).await.unwrap();
            // Two rows that belong together.
            tx.audit("pair.one", "pair", number, None, None).await.unwrap();
            tx.audit("pair.two", "pair", number, None, None).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    archive::write(&app.app, &path).await.unwrap();
    others.await.unwrap();
    let text = text(&path);
    assert_eq!(text.matches("pair.one").count(), text.matches("pair.two").count());
}

#[tokio::test]
async fn p17_what_is_damaged_is_refused_and_nothing_is_done() {
    let app = shop().await;
    let binary = Binary::new();
    let whole = binary.path("whole.zgb");
    archive::write(&app.app, &whole).await.unwrap();
    let (bytes, lines) = (std::fs::read(&whole).unwrap(), text(&whole));
    let bad = binary.path("bad.zgb");
    let damages: [(&str, &dyn Fn(), &str); 6] = [
        ("cut", &|| std::fs::write(&bad, &bytes[..bytes.len() / 2]).unwrap(), "damaged"),
        ("its end cut off", &|| write(&bad, &lines[..lines.trim_end().rfind('\n').unwrap() + 1]), "cut short"),
        ("a price changed", &|| write(&bad, &lines.replacen("TEA", "TEE", 1)), "damaged"),
        (
            "a line left out",
            &|| write(&bad, &lines.lines().enumerate().filter(|(at, _)| *at != 5).map(|(_, line)| format!("{line}\n")).collect::<String>()),
            "damaged",
        ),
        ("something else", &|| std::fs::write(&bad, "no backup").unwrap(), "damaged"),
        ("another shape", &|| write(&bad, &lines.replacen("m20261101_0900_platform", "m20261101_0900_other", 1)), "another shape"),
    ];
    let empty = TestApp::new().await;
    let before = empty.dump().await;
    for (what, damage, said) in damages {
        damage();
        let refused = archive::check(&bad).await.unwrap_err();
        assert!(format!("{refused:#}").contains(said), "{what}: {refused:#}");
        assert!(archive::read(&empty.app, &bad).await.is_err(), "{what}");
        assert_eq!(empty.dump().await, before, "{what}");
        assert_eq!(binary.run(&["restore", "bad.zgb"]).status, 1, "{what}");
    }
    let refused = archive::read(&app.app, &whole).await.unwrap_err();
    assert!(format!("{refused:#}").contains("in use"), "{refused:#}");
}
