//! M8.13, M8.14 What an import takes and what it refuses before a row is looked at.

use serde_json::json;

use crate::support::{Client, Reply, TestApp};

const RIGHTS: [&str; 2] = ["imports.write", "jobs.read"];
const CSV: &str = "code,name,email\nC1,王芳,wang@example.com\n";

async fn upload(staff: &Client, content: &[u8]) -> Reply {
    staff.upload("/admin/imports/files", "file", "people.csv", "text/csv", content).await
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let mark = '\u{feff}'.to_string() + text;
    mark.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[tokio::test]
async fn m8_13_encodings_and_separators_are_recognised() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let gbk: Vec<u8> = [b"code,name,email\nC1,".as_slice(), &[0xCD, 0xF5, 0xB7, 0xBC], b",wang@example.com\n"].concat();
    for (content, encoding) in [
        (CSV.as_bytes().to_vec(), "utf8"),
        (format!("\u{feff}{CSV}").into_bytes(), "utf8"),
        (utf16(CSV, true), "utf16"),
        (utf16(CSV, false), "utf16"),
        (gbk, "gbk"),
        (CSV.replace(',', "\t").into_bytes(), "utf8"),
        (CSV.replace(',', ";").into_bytes(), "utf8"),
        (CSV.replace('\n', "\r\n").into_bytes(), "utf8"),
    ] {
        let reply = upload(&staff, &content).await.expect(201);
        assert_eq!((reply["encoding"].as_str(), reply["headings"].clone()), (Some(encoding), json!(["code", "name", "email"])));
        assert_eq!(reply["sample"], json!([["C1", "王芳", "wang@example.com"]]), "{encoding}");
        assert_eq!(reply["suggestions"]["customers"], json!({ "code": "code", "name": "name", "email": "email" }));
    }
}

#[tokio::test]
async fn m8_13_a_formula_stays_the_text_it_is() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let reply = upload(&staff, b"code,name\n=1+1,\"=HYPERLINK(\"\"http://evil\"\")\"\n").await.expect(201);
    assert_eq!(reply["sample"], json!([["=1+1", "=HYPERLINK(\"http://evil\")"]]));
}

#[tokio::test]
async fn m8_13_what_is_no_table_is_refused_in_both_languages_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let before = app.dump().await;
    for (content, code) in [
        (b"".as_slice(), "import_file_empty"),
        (b"  \n \n", "import_file_empty"),
        (b"\xEF\xBB\xBF", "import_file_empty"),
        (b"PK\x03\x04 cut short", "import_file_broken"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "import_file_broken"),
        (b"\x80\xFF\xFF\x00\x9F", "import_file_broken"),
        (b"\xFF\xFEa", "import_file_broken"),
        (b"code,name\nC1,\"cut in the middle of a ce", "import_file_broken"),
    ] {
        let reply = upload(&staff, content).await;
        assert_eq!(reply.problem(), (422, code), "{content:?}");
        let chinese = staff.clone().header("accept-language", "zh-CN");
        assert_ne!(upload(&chinese, content).await["detail"], reply["detail"]);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_13_an_oversized_file_is_413_and_a_form_without_a_file_422() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let before = app.dump().await;
    let large = vec![b'x'; zg_import::FILE_LIMIT + 1];
    assert_eq!(upload(&staff, &large).await.problem(), (413, "import_file_large"));
    let nothing = staff.upload("/admin/imports/files", "other", "people.csv", "text/csv", CSV.as_bytes()).await;
    assert_eq!(nothing.problem(), (422, "import_file_missing"));
    let json = staff.post("/admin/imports/files", json!({ "file": CSV })).await;
    assert_eq!(json.problem(), (415, "import_form_expected"));
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_13_a_file_is_told_by_its_content_not_by_its_name() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let reply = staff.upload("/admin/imports/files", "file", "people.exe", "application/x-msdownload", CSV.as_bytes()).await.expect(201);
    assert_eq!(reply["encoding"], "utf8");
}

#[tokio::test]
async fn m8_13_an_import_begins_only_when_its_columns_are_found() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let file = upload(&staff, b"Kundennummer,Wer\nC1,Wang\n").await.expect(201)["file_id"].clone();
    let before = app.dump().await;
    let start = |body: serde_json::Value| staff.post("/admin/imports", body);
    let missing = start(json!({ "kind": "customers", "file_id": file })).await;
    assert_eq!((missing.problem(), missing["columns"].as_str()), ((422, "import_column_missing"), Some("code, name")));
    let wrong = start(json!({ "kind": "customers", "file_id": file, "mapping": { "code": "Nummer", "name": "Wer" } })).await;
    assert_eq!(wrong.problem(), (422, "import_column_unknown"));
    assert_eq!(start(json!({ "kind": "planets", "file_id": file })).await.problem(), (404, "import_kind_unknown"));
    assert_eq!(start(json!({ "kind": "customers", "file_id": app.unknown() })).await.problem(), (422, "import_file_missing"));
    assert_eq!(app.dump().await, before);
    let mapped =
        start(json!({ "kind": "customers", "file_id": file, "mapping": { "code": "Kundennummer", "name": "Wer" } })).await.expect(202);
    app.run_due().await;
    let job = staff.get(&format!("/admin/jobs/{}", mapped.id())).await.expect(200);
    assert_eq!((job["state"].as_str(), job["result"]["created"].as_i64()), (Some("done"), Some(1)));
}
