//! M8.12 Import of categories, M8.13 of products.

use std::fmt::Write as _;

use serde_json::{Value, json};
use zg_db::entity::job;
use zg_import::Options;

use crate::support::TestApp;

/// Rows, created, updated, failed.
fn result(job: &job::Model) -> (i64, i64, i64, i64) {
    let number = |name: &str| job.result.as_ref().and_then(|result| result[name].as_i64()).unwrap_or(-1);
    (number("rows"), number("created"), number("updated"), number("failed"))
}

fn faults(found: &[(i64, String, String)]) -> Vec<(i64, &str, &str)> {
    found.iter().map(|(row, column, code)| (*row, column.as_str(), code.as_str())).collect()
}

async fn names(app: &TestApp, locale: &str) -> Vec<String> {
    let list = app.guest().get(&format!("/store/products?locale={locale}&limit=200&sort=price")).await.expect(200);
    list.json()["data"].as_array().expect("rows").iter().filter_map(|row| row["name"].as_str().map(str::to_owned)).collect()
}

const SUPERSTORE: &str = "sku,name,category,subcategory,price_usd\n\
    FUR-BO-1,\"Bush Bookcase, Dark Cherry\",Furniture,Bookcases,130.98\n\
    FUR-CH-2,Chair «Élan»,Furniture,Chairs,71.37\n\
    TEC-PH-3,Phone,Technology,Phones,999.99\n";

#[tokio::test]
async fn m8_13_a_shops_products_come_as_they_are() {
    let app = TestApp::new().await;
    let ended = app.import("products", SUPERSTORE.as_bytes()).await;
    assert_eq!((ended.state.as_str(), result(&ended)), ("done", (3, 3, 0, 0)));
    // Their currency becomes the shop's; categories are made on the way; all is for sale.
    let page = app.guest().get("/store/products/bush-bookcase-dark-cherry?locale=en").await.expect(200);
    assert_eq!(page.json()["price"], json!({ "amount": 13_098, "currency": "USD" }));
    assert_eq!(page.json()["available"], true);
    let crumbs: Vec<&str> = page.json()["breadcrumbs"].as_array().expect("crumbs").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(crumbs, ["Furniture", "Bookcases"]);
    let tree = app.guest().get("/store/categories?locale=en").await.expect(200);
    let counts: Vec<(&str, i64)> = tree
        .json()
        .as_array()
        .expect("a tree")
        .iter()
        .map(|one| (one["slug"].as_str().unwrap_or(""), one["products"].as_i64().unwrap_or(0)))
        .collect();
    assert_eq!(counts, [("furniture", 2), ("technology", 1)]);
    assert_eq!(app.guest().get("/store/products?locale=en&q=elan").await.json()["data"][0]["name"], "Chair «Élan»");
    // Twice is once.
    let again = app.import("products", SUPERSTORE.as_bytes()).await;
    assert_eq!(result(&again), (3, 0, 3, 0));
    assert_eq!(names(&app, "en").await.len(), 3);
    // Now that there are prices, another currency is refused.
    let other = app.import("products", b"sku,name,price_cny\nNEW,New,1.00\n").await;
    assert_eq!(faults(&app.faults(&other).await), [(2, "price", "price_currency")]);
}

const VARIANTS: &str = "product,sku,name_zh,name_en,description_zh,category,price_cny,weight_g,barcode,option1_zh,option1_en,value1_zh,value1_en,stock\n\
    POT,POT-180,甜白釉茶壶,White Teapot,出水利落。,tea-ware,168.00,320,2000000000015,容量,Capacity,180 毫升,180 ml,132\n\
    POT,POT-350,甜白釉茶壶,White Teapot,出水利落。,tea-ware,208.00,470,2000000000022,容量,Capacity,350 毫升,350 ml,46\n";

#[tokio::test]
async fn m8_13_rows_of_a_product_are_its_variants_with_their_stock() {
    let app = TestApp::new().await;
    app.import("categories", "code,parent,name_zh,name_en\ntea-ware,tea,茶具,Tea Ware\ntea,,茶,Tea\n".as_bytes()).await;
    let ended = app.import("products", VARIANTS.as_bytes()).await;
    assert_eq!(result(&ended), (2, 2, 0, 0));
    let page = app.guest().get("/store/products/tian-bai-you-cha-hu?locale=zh-CN").await.expect(200);
    let skus: Vec<(&str, &str, i64, i64)> = page.json()["skus"]
        .as_array()
        .expect("SKUs")
        .iter()
        .map(|sku| {
            let text = |name: &str| sku[name].as_str().unwrap_or("");
            (text("sku"), text("label"), sku["price"]["amount"].as_i64().unwrap_or(0), sku["available"].as_i64().unwrap_or(-1))
        })
        .collect();
    assert_eq!(skus, [("POT-180", "180 毫升", 16_800, 99), ("POT-350", "350 毫升", 20_800, 46)]);
    assert_eq!(page.json()["description"], "<p>出水利落。</p>");
    assert_eq!(page.json()["breadcrumbs"][1]["name"], "茶具");
    // A price list changes prices alone; a third variant joins.
    let more = "sku,price_cny,product,name_en,option1_en,value1_en\nPOT-180,150,,,,\nPOT-600,258,POT,,Capacity,600 ml\n";
    assert_eq!(result(&app.import("products", more.as_bytes()).await), (2, 1, 1, 0));
    let page = app.guest().get("/store/products/white-teapot?locale=en").await.expect(200);
    assert_eq!((page.json()["price"]["amount"].as_i64(), page.json()["skus"].as_array().map(Vec::len)), (Some(15_000), Some(3)));
    // What it does not say of stock is for sale until somebody counts it.
    assert_eq!(page.json()["skus"][2]["available"], 99);
    let clash = "sku,product,name_en,option1_en,value1_en\nPOT-X,POT,,Capacity,600 ml\nPOT-Y,POT,,Colour,Red\n";
    let ended = app.import("products", clash.as_bytes()).await;
    assert_eq!(faults(&app.faults(&ended).await), [(2, "value1", "variants_differ"), (3, "value1", "variants_differ")]);
}

#[tokio::test]
async fn m8_13_bad_rows_are_told_and_the_good_ones_applied() {
    let app = TestApp::new().await;
    let huge = "x".repeat(1_000_000);
    let mut file = "sku,name,price,stock,weight_g,category\n".to_owned();
    file.push_str("GOOD,🍵 Tea,12.50,3,10,Tea\n"); // row 2
    file.push_str(",No SKU,1,1,1,Tea\n");
    file.push_str("NEG,Negative,-1,1,1,Tea\n");
    file.push_str("FINE,Too fine,1.234,1,1,Tea\n");
    file.push_str("HUGE,Huge,99999999999999999999,1,1,Tea\n");
    file.push_str("STOCK,Stock,1,-5,1,Tea\n");
    file.push_str("WORD,Word,abc,1,1,Tea\n");
    let _ = writeln!(file, "LONG,{huge},1,1,1,Tea");
    file.push_str("GOOD,Twice,1,1,1,Tea\n"); // row 10
    file.push_str("=CMD,=1+1,1,1,1,Tea\n");
    file.push_str("NAMELESS,,1,1,1,Tea\n");
    file.push_str("SHORT,Cut\n");
    let ended = app.import("products", file.as_bytes()).await;
    let found = app.faults(&ended).await;
    let expected = [
        (3, "sku", "required"),
        (4, "price", "amount_invalid"),
        (7, "stock", "integer_invalid"),
        (9, "name", "field_too_long"),
        (10, "", "duplicate"),
        (13, "", "too_few_cells"),
        (5, "price", "amount_invalid"),
        (6, "price", "amount_invalid"),
        (12, "name", "name_missing"),
        (8, "price", "amount_invalid"),
    ];
    let mut found: Vec<(i64, &str, &str)> = faults(&found);
    let mut wanted = expected.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    assert_eq!(result(&ended), (12, 2, 0, 10));
    // A formula is the text it is.
    assert_eq!(names(&app, "en").await, ["=1+1", "🍵 Tea"]);
}

#[tokio::test]
async fn m8_13_all_or_nothing_and_dry_runs_change_nothing() {
    let app = TestApp::new().await;
    let file = b"sku,name,price,category\nA,Tea,1,Tea\nB,,1,Tea\n";
    let dry = app.import_with("products", file, Options { dry_run: true, ..Options::default() }).await;
    assert_eq!((dry.state.as_str(), result(&dry)), ("done", (2, 1, 0, 1)));
    let whole = app.import_with("products", file, Options { all_or_nothing: true, ..Options::default() }).await;
    assert_eq!((whole.state.as_str(), result(&whole)), ("failed", (2, 0, 0, 1)));
    let dump = app.dump().await;
    for table in ["product", "sku", "category", "price", "stock", "import_row"] {
        assert_eq!(dump[table], [""; 0], "{table}");
    }
}

#[tokio::test]
async fn m8_13_files_of_any_make_are_read_or_refused_clearly() {
    let app = TestApp::new().await;
    let text = "sku,名称,价格,分类\nA,西湖龙井,12.50,茶叶\n";
    let (gbk, _, _) = encoding_rs::GBK.encode(text);
    assert_eq!(result(&app.import("products", &gbk).await), (1, 1, 0, 0));
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.replace("A,", "B,").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(result(&app.import("products", &utf16).await), (1, 1, 0, 0));
    assert_eq!(names(&app, "zh-CN").await, ["西湖龙井", "西湖龙井"]);
    let owner = app.owner().await;
    let cases: [(&str, &[u8], &str); 4] = [
        ("empty.csv", b"", "import_file_empty"),
        ("cut.xlsx", b"PK\x03\x04 cut short", "import_file_broken"),
        ("binary.csv", &[0x80, 0xFF, 0xFF, 0x00, 0x9F], "import_file_broken"),
        ("nul.csv", b"sku,name\nA\0,B\n", "import_file_broken"),
    ];
    for (name, bytes, code) in cases {
        let reply = owner.upload("/admin/imports/files", "file", name, "text/csv", bytes).await;
        assert_eq!(reply.problem(), (422, code), "{name}");
    }
    let upload = owner.upload("/admin/imports/files", "file", "x.csv", "text/csv", b"title,price\nTea,1\n").await.expect(201);
    let start = |mapping: Value| json!({ "kind": "products", "file_id": upload.json()["file_id"], "mapping": mapping });
    assert_eq!(owner.post("/admin/imports", start(json!({}))).await.problem(), (422, "import_column_missing"));
    assert_eq!(owner.post("/admin/imports", start(json!({ "sku": "nothing" }))).await.problem(), (422, "import_column_unknown"));
}

#[tokio::test]
async fn m8_13_an_import_runs_in_the_background_and_is_watched() {
    let app = TestApp::new().await;
    let staff = app.staff(&["imports.write", "jobs.read", "catalog.read"]).await;
    let file = "Title,Code,Cost\nTea,T-1,12\nCup,,3\n";
    let upload = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", file.as_bytes()).await.expect(201);
    assert_eq!(upload.json()["headings"], json!(["Title", "Code", "Cost"]));
    let mapping = json!({ "sku": "Code", "price": "Cost", "name": "Title" });
    let started = staff
        .post("/admin/imports", json!({ "kind": "products", "file_id": upload.json()["file_id"], "mapping": mapping }))
        .await
        .expect(202);
    app.run_due().await;
    let url = format!("/admin/jobs/{}", started.id());
    let ended = staff.get(&url).await.expect(200);
    assert_eq!((ended.json()["state"].as_str(), ended.json()["failed"].as_i64()), (Some("done"), Some(1)));
    let errors = staff.get(&format!("{url}/errors")).await.expect(200);
    assert_eq!((errors.json()["data"][0]["row"].as_i64(), errors.json()["data"][0]["code"].as_str()), (Some(3), Some("required")));
    let csv = staff.get(&format!("{url}/errors.csv")).await.expect(200);
    assert!(csv.text().contains("必填 · required"), "{}", csv.text());
    // Without a category it is a draft.
    let drafts = staff.get("/admin/products?status=draft").await.expect(200);
    assert_eq!(drafts.json()["data"][0]["code"], "T-1");
}

#[tokio::test]
async fn m8_13_pictures_come_from_a_folder() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(200, 100).write_to(&mut png, image::ImageFormat::Png).expect("a picture");
    std::fs::write(folder.path().join("tea.png"), png.into_inner()).expect("a file");
    let file = b"sku,name,price,category,image\nA,Tea,1,Tea,tea.png\nB,Cup,1,Tea,missing.png\nC,Pot,1,Tea,../tea.png\n";
    let options = || Options { images: Some(folder.path().to_owned()), ..Options::default() };
    let ended = app.import_with("products", file, options()).await;
    assert_eq!(ended.result.as_ref().map(|result| result["pictures"].clone()), Some(json!({ "total": 3, "done": 1, "failed": 2 })));
    assert_eq!(faults(&app.faults(&ended).await), [(3, "image", "image_missing"), (4, "image", "image_missing")]);
    app.import_with("products", file, options()).await;
    // The category took the plain name: the product has its code beside it.
    let page = app.guest().get("/store/products/tea-a?locale=en").await.expect(200);
    assert_eq!(page.json()["pictures"].as_array().map(Vec::len), Some(1));
    assert_eq!(page.json()["pictures"][0]["alt"], "Tea");
}

#[tokio::test]
async fn m8_12_categories_come_in_any_order_and_are_moved() {
    let app = TestApp::new().await;
    let file =
        "code,parent,name_zh,name_en\nleaf,branch,叶,Leaf\nbranch,root,枝,Branch\nroot,,根,Root\nlost,nowhere,丢,Lost\nx,y,X,X\ny,x,Y,Y\n";
    let ended = app.import("categories", file.as_bytes()).await;
    assert_eq!((ended.state.as_str(), result(&ended)), ("done", (6, 3, 0, 3)));
    let found = app.faults(&ended).await;
    assert_eq!(faults(&found), [(5, "parent", "parent_unknown"), (6, "parent", "category_cycle"), (7, "parent", "category_cycle")]);
    let moved = app.import("categories", "code,parent,name_en\nleaf,root,Leaves\nroot,leaf,\n".as_bytes()).await;
    assert_eq!(result(&moved), (2, 0, 0, 2));
    let moved = app.import("categories", "code,parent,name_en\nleaf,root,Leaves\n".as_bytes()).await;
    assert_eq!(result(&moved), (1, 0, 1, 0));
    let tree = app.guest().get("/store/categories?locale=en").await.expect(200);
    let children: Vec<&str> =
        tree.json()[0]["children"].as_array().expect("children").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(children, ["Branch", "Leaves"]);
    let tree = app.guest().get("/store/categories?locale=zh-CN").await.expect(200);
    assert_eq!(tree.json()[0]["children"][1]["name"], "叶");
    let path = app.import("categories", "path\n家居\n家居 > 香氛\n".as_bytes()).await;
    assert_eq!(result(&path), (2, 2, 0, 0));
    let tree = app.guest().get("/store/categories?locale=zh-CN").await.expect(200);
    assert_eq!(tree.json()[1]["children"][0]["name"], "香氛");
}

#[tokio::test]
async fn m8_13_a_count_replaces_what_is_on_hand() {
    let app = TestApp::new().await;
    let product = app.product("TEA").stock(5).await;
    let ended = app.import("products", b"sku,stock\nTEA,3\n").await;
    assert_eq!(result(&ended), (1, 0, 1, 0));
    let page = app.guest().get(&format!("/store/products/{}", product.slug)).await.expect(200);
    assert_eq!(page.json()["skus"][0]["available"], 3);
}
