//! M8.13 Pictures that rows name: by address, and in a zip beside the file.

use std::io::{Cursor, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, Uri};
use sea_orm::{EntityTrait, Order, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};
use zg_db::entity::{file, import_picture, media, media_source};
use zg_import::Options;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{Client, TestApp};

const RIGHTS: [&str; 4] = ["imports.write", "jobs.read", "products.read", "products.write"];

/// A picture of one colour: each number is another picture.
fn png(colour: u8) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(40, 20, image::Rgb([colour, 90, 30]));
    image::DynamicImage::ImageRgb8(picture).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Somebody else's machine, which has pictures.
struct Gallery {
    address: SocketAddr,
    asked: Asked,
}

/// What was asked for since one looked, and how often the busy one was.
#[derive(Clone, Default)]
struct Asked {
    paths: Arc<Mutex<Vec<String>>>,
    busy: Arc<AtomicUsize>,
}

impl Gallery {
    async fn open() -> Self {
        let asked = Asked::default();
        let router = Router::new().fallback(async |asked, uri| Self::answer(asked, &uri)).with_state(asked.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked }
    }

    fn answer(State(asked): State<Asked>, uri: &Uri) -> Response {
        let path = uri.path().to_owned();
        asked.paths.lock().unwrap().push(path.clone());
        let to = |place: &str| (StatusCode::FOUND, [("location", place.to_owned())]).into_response();
        match path.as_str() {
            "/red.png" => png(200).into_response(),
            "/green.png" | "/same.png" => png(10).into_response(),
            "/moved" => to("/red.png"),
            "/round" => to("/round"),
            "/file" => to("file:///etc/passwd"),
            "/secret" => to("http://me:secret@127.0.0.1/red.png"),
            "/page" => "<html>no picture</html>".into_response(),
            "/large.png" => vec![0; 13 * 1024 * 1024].into_response(),
            "/busy.png" if asked.busy.fetch_add(1, Ordering::SeqCst) < 2 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            "/busy.png" => png(77).into_response(),
            "/down.png" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it was asked for since the last time.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.paths.lock().unwrap());
        asked.sort();
        asked
    }
}

async fn begin(staff: &Client, content: &str, pictures: Option<&Value>) -> i64 {
    let file = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", content.as_bytes()).await.expect(201);
    let mut body = json!({ "kind": "products", "file_id": file["file_id"] });
    if let Some(id) = pictures {
        body["pictures_file_id"] = id.clone();
    }
    staff.post("/admin/imports", body).await.expect(202).id()
}

async fn job(staff: &Client, id: i64) -> Value {
    staff.get(&format!("/admin/jobs/{id}")).await.expect(200).json().clone()
}

/// Row and code of each fault.
async fn faults(staff: &Client, id: i64) -> Vec<(i64, String)> {
    let errors = staff.get(&format!("/admin/jobs/{id}/errors")).await.expect(200);
    let rows = errors["data"].as_array().unwrap();
    rows.iter().map(|error| (error["row"].as_i64().unwrap(), error["code"].as_str().unwrap().to_owned())).collect()
}

/// Each picture: the SKU that it shows, and its file's name.
async fn hanging(app: &TestApp) -> Vec<(Option<i64>, String)> {
    let files = file::Entity::find().all(app.app.read()).await.unwrap();
    let rows = media::Entity::find()
        .order_by(media::Column::ProductId, Order::Asc)
        .order_by(media::Column::Position, Order::Asc)
        .order_by(media::Column::Id, Order::Asc);
    let rows = rows.all(app.app.read()).await.unwrap();
    rows.iter().map(|row| (row.sku_id, files.iter().find(|file| file.id == row.file_id).unwrap().name.clone())).collect()
}

#[tokio::test]
async fn m8_13_pictures_come_by_address_once_and_in_the_order_of_the_cell() {
    let (app, gallery) = (TestApp::reaching_anywhere().await, Gallery::open().await);
    let staff = app.staff(&RIGHTS).await;
    let (red, green, same) = (gallery.url("/red.png"), gallery.url("/green.png"), gallery.url("/same.png"));
    let file = format!("货号,商品名称,售价,分类,图片\nA,Tea,1,Tea,\"{red}; {green}\n{same}\"\nB,Cup,1,Tea,{}\n", gallery.url("/moved"));
    let id = begin(&staff, &file, None).await;
    app.run_due().await;
    let ended = job(&staff, id).await;
    assert_eq!((ended["state"].as_str(), ended["failed"].as_i64()), (Some("done"), Some(0)));
    assert_eq!(ended["pictures"], json!({ "total": 4, "done": 4, "failed": 0 }));
    assert_eq!(hanging(&app).await, [(None, "red.png".into()), (None, "green.png".into()), (None, "red.png".into())]);
    assert_eq!(gallery.asked(), ["/green.png", "/moved", "/red.png", "/red.png", "/same.png"]);

    // What came is not asked for again, whatever address it came from.
    let again = begin(&staff, &file, None).await;
    app.run_due().await;
    assert_eq!((job(&staff, again).await["pictures"].clone(), gallery.asked()), (Value::Null, Vec::new()));
    assert_eq!(media::Entity::find().count(app.app.read()).await.unwrap(), 3);

    // One that was taken off comes back.
    let first = media::Entity::find().order_by(media::Column::Id, Order::Asc).one(app.app.read()).await.unwrap().unwrap();
    staff.delete(&format!("/admin/products/{}/media/{}", first.product_id, first.id)).await.expect(204);
    begin(&staff, &file, None).await;
    app.run_due().await;
    assert_eq!(gallery.asked(), ["/red.png"]);
    assert_eq!(media::Entity::find().count(app.app.read()).await.unwrap(), 3);
    assert_eq!(media_source::Entity::find().count(app.app.read()).await.unwrap(), 4);
}

#[tokio::test]
async fn m8_13_a_variants_picture_is_its_own_and_what_all_name_is_the_products() {
    let (app, gallery) = (TestApp::reaching_anywhere().await, Gallery::open().await);
    let staff = app.staff(&RIGHTS).await;
    let (red, green) = (gallery.url("/red.png"), gallery.url("/green.png"));
    let file = format!(
        "sku,product,name_en,price,category,option1_en,value1_en,image\nA,P,Pot,1,Tea,Size,S,{red}|{green}\nB,P,Pot,1,Tea,Size,L,{red}\n"
    );
    begin(&staff, &file, None).await;
    app.run_due().await;
    let hanging = hanging(&app).await;
    assert_eq!((hanging[0].0, hanging[0].1.as_str(), hanging.len()), (None, "red.png", 2));
    assert!(hanging[1].0.is_some());
}

#[tokio::test]
async fn m8_13_a_picture_that_does_not_come_is_a_fault_of_its_row_and_stops_nothing() {
    let (app, gallery) = (TestApp::reaching_anywhere().await, Gallery::open().await);
    let staff = app.staff(&RIGHTS).await;
    let cases = [
        ("/gone.png", "image_unreachable"),
        ("/page", "image_invalid"),
        ("/large.png", "image_too_large"),
        ("/round", "image_unreachable"),
        ("/file", "image_address_invalid"),
        ("/secret", "image_address_invalid"),
        ("/red.png", ""),
    ];
    let mut file = "sku,name,price,category,image\nF,Tea,1,Tea,ftp://example.com/a.png\n".to_owned();
    for (n, (path, _)) in cases.iter().enumerate() {
        file.push_str(&format!("S{n},Tea,1,Tea,{}\n", gallery.url(path)));
    }
    let id = begin(&staff, &file, None).await;
    app.run_due().await;
    let ended = job(&staff, id).await;
    assert_eq!((ended["state"].as_str(), ended["done"].as_i64(), ended["failed"].as_i64()), (Some("done"), Some(8), Some(0)));
    assert_eq!(ended["pictures"], json!({ "total": 8, "done": 1, "failed": 7 }));
    let mut expected = vec![(2, "image_address_invalid".to_owned())];
    expected.extend((3..).zip(cases).filter(|(_, (_, code))| !code.is_empty()).map(|(row, (_, code))| (row, code.to_owned())));
    let mut found = faults(&staff, id).await;
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(gallery.asked().iter().filter(|path| *path == "/round").count(), 4, "three redirections, no more");
    let csv = staff.get(&format!("/admin/jobs/{id}/errors.csv")).await.expect(200).text();
    assert!(csv.contains("image_unreachable,取不到图片（HTTP 404）") && csv.contains(&gallery.url("/gone.png")), "{csv}");
}

#[tokio::test]
async fn m8_13_a_machine_that_is_busy_is_asked_again_later_and_at_last_no_more() {
    let (app, gallery) = (TestApp::reaching_anywhere().await, Gallery::open().await);
    let staff = app.staff(&RIGHTS).await;
    let (busy, down) = (gallery.url("/busy.png"), gallery.url("/down.png"));
    let id = begin(&staff, &format!("sku,name,price,category,image\nA,Tea,1,Tea,{busy}\nB,Tea,1,Tea,{down}\n"), None).await;
    app.run_due().await;
    let waiting = job(&staff, id).await;
    assert_eq!((waiting["state"].as_str(), waiting["pictures"].clone()), (Some("running"), json!({ "total": 2, "done": 0, "failed": 0 })));
    assert_eq!(gallery.asked(), ["/busy.png", "/down.png"]);
    for seconds in [5, 10, 20] {
        app.clock().advance(chrono::Duration::seconds(seconds - 1));
        app.run_due().await;
        assert_eq!(gallery.asked(), [""; 0], "each time twice as long");
        app.clock().advance(chrono::Duration::seconds(1));
        app.run_due().await;
        assert!(gallery.asked().contains(&"/down.png".to_owned()));
    }
    let ended = job(&staff, id).await;
    assert_eq!((ended["state"].as_str(), ended["pictures"].clone()), (Some("done"), json!({ "total": 2, "done": 1, "failed": 1 })));
    assert_eq!(faults(&staff, id).await, [(3, "image_unreachable".to_owned())]);
    assert_eq!(hanging(&app).await, [(None, "busy.png".into())]);
    assert_eq!(import_picture::Entity::find().count(app.app.read()).await.unwrap(), 0);
}

#[tokio::test]
async fn m8_13_addresses_of_the_own_network_are_not_asked() {
    let (app, gallery) = (TestApp::new().await, Gallery::open().await);
    let staff = app.staff(&RIGHTS).await;
    let port = gallery.address.port();
    let mut file = "sku,name,price,category,image\n".to_owned();
    for (n, host) in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"].iter().enumerate() {
        file.push_str(&format!("S{n},Tea,1,Tea,http://{host}:{port}/red.png\n"));
    }
    let id = begin(&staff, &file, None).await;
    app.run_due().await;
    let expected: Vec<(i64, String)> = (2..8).map(|row| (row, "image_address_private".to_owned())).collect();
    assert_eq!(faults(&staff, id).await, expected);
    assert_eq!((gallery.asked(), hanging(&app).await.len()), (Vec::new(), 0));
}

#[tokio::test]
async fn m8_13_pictures_come_in_a_zip_beside_the_file() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let packed =
        zip(&[("茶/Red.PNG", &png(200)), ("b/green.png", &png(10)), ("c/green.png", &png(11)), ("bad.png", b"no"), ("readme.txt", b"no")]);
    let pictures = staff.upload("/admin/imports/pictures", "file", "pictures.zip", "application/zip", &packed).await.expect(201);
    assert_eq!((pictures["name"].as_str(), pictures["pictures"].as_i64()), (Some("pictures.zip"), Some(4)));
    let file = "sku,name,price,category,image\nA,Tea,1,Tea,red.png;b/green.png\nB,Cup,1,Tea,茶/RED.png\nC,Pot,1,Tea,green.png\nD,Jar,1,Tea,missing.png\nE,Box,1,Tea,bad.png\nF,Bag,1,Tea,../readme.txt\n";
    let wrong = [(4, "image_ambiguous"), (5, "image_missing"), (6, "image_invalid"), (7, "image_missing")];
    let wrong: Vec<(i64, String)> = wrong.into_iter().map(|(row, code)| (row, code.to_owned())).collect();

    // A trial names what is not there, and changes nothing.
    let uploaded = staff.upload("/admin/imports/files", "file", "goods.csv", "text/csv", file.as_bytes()).await.expect(201);
    let body = json!({ "kind": "products", "file_id": uploaded["file_id"], "pictures_file_id": pictures["file_id"], "dry_run": true });
    let trial = staff.post("/admin/imports", body).await.expect(202).id();
    app.run_due().await;
    let told = json!({ "rows": 6, "created": 6, "updated": 0, "failed": 0, "pictures": { "total": 7, "done": 0, "failed": 3 } });
    assert_eq!(job(&staff, trial).await["result"], told);
    let found = faults(&staff, trial).await;
    assert_eq!(found, [wrong[0].clone(), wrong[1].clone(), wrong[3].clone()]);
    assert_eq!(hanging(&app).await.len(), 0);

    for _ in 0..2 {
        let id = begin(&staff, file, Some(&pictures["file_id"])).await;
        app.run_due().await;
        let ended = job(&staff, id).await;
        assert_eq!((ended["state"].as_str(), ended["pictures"].clone()), (Some("done"), json!({ "total": 7, "done": 3, "failed": 4 })));
        assert_eq!(faults(&staff, id).await, wrong);
        let names: Vec<String> = hanging(&app).await.into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["red.png", "green.png", "red.png"]);
    }
}

#[tokio::test]
async fn m8_13_a_zip_that_holds_too_much_or_no_picture_is_refused_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let mut many = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..20_001 {
        many.start_file(format!("{n}.png"), SimpleFileOptions::default()).unwrap();
    }
    // A bomb: a hundred files of 21 MB each, in some two megabytes.
    let zeros = vec![0; 21 * 1024 * 1024];
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("0.png", SimpleFileOptions::default()).unwrap();
    bomb.write_all(&zeros).unwrap();
    let first = bomb.finish().unwrap().into_inner();
    let mut source = zip::ZipArchive::new(Cursor::new(first)).unwrap();
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..100 {
        bomb.raw_copy_file_rename(source.by_index_raw(0).unwrap(), format!("{n}.png")).unwrap();
    }
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 4 * 1024 * 1024, "{}", bomb.len());
    let before = app.dump().await;
    for (content, code) in [
        (many.finish().unwrap().into_inner(), "import_zip_many"),
        (bomb, "import_zip_unpacked"),
        (zip(&[("notes.txt", b"no")]), "import_zip_empty"),
        (b"PK\x03\x04 cut short".to_vec(), "import_zip_broken"),
        (Vec::new(), "import_zip_broken"),
    ] {
        let refused = staff.upload("/admin/imports/pictures", "file", "x.zip", "application/zip", &content).await;
        assert_eq!(refused.problem(), (422, code));
        let chinese = staff.clone().header("accept-language", "zh-CN");
        let told = chinese.upload("/admin/imports/pictures", "file", "x.zip", "application/zip", &content).await;
        assert_ne!(told["detail"], refused["detail"]);
    }
    let nothing = staff.upload("/admin/imports/pictures", "other", "x.zip", "application/zip", b"PK").await;
    assert_eq!(nothing.problem(), (422, "import_zip_missing"));
    assert_eq!(app.dump().await, before);
    let left = std::fs::read_dir(app.data_dir().join("files/private")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing lies about");
}

#[tokio::test]
async fn m8_13_a_zip_belongs_to_an_import_of_products() {
    let app = TestApp::new().await;
    let staff = app.staff(&RIGHTS).await;
    let kinds = staff.get("/admin/imports/kinds").await.expect(200);
    let with: Vec<&str> =
        kinds.json().as_array().unwrap().iter().filter(|kind| kind["pictures"] == true).filter_map(|kind| kind["kind"].as_str()).collect();
    assert_eq!(with, ["products"]);
    let packed = zip(&[("a.png", &png(1))]);
    let pictures =
        staff.upload("/admin/imports/pictures", "file", "p.zip", "application/zip", &packed).await.expect(201)["file_id"].clone();
    let file =
        staff.upload("/admin/imports/files", "file", "x.csv", "text/csv", b"code,name,sku\nA,A,A\n").await.expect(201)["file_id"].clone();
    let before = app.dump().await;
    let start = |kind: &str, zip: &Value| json!({ "kind": kind, "file_id": file, "pictures_file_id": zip });
    assert_eq!(staff.post("/admin/imports", start("customers", &pictures)).await.problem(), (422, "import_pictures_unwanted"));
    for id in [&file, &json!(app.unknown())] {
        assert_eq!(staff.post("/admin/imports", start("products", id)).await.problem(), (422, "import_zip_missing"));
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn m8_13_the_command_line_takes_a_zip_as_well() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pictures.zip");
    std::fs::write(&path, zip(&[("a.png", &png(1))])).unwrap();
    let options = Options { images: Some(path), ..Options::default() };
    let ended = app.import_with("products", b"sku,name,price,category,image\nA,Tea,1,Tea,a.png\nB,Cup,1,Tea,b.png\n", options).await;
    assert_eq!(ended.state, "done");
    assert_eq!(ended.result.as_ref().unwrap()["pictures"], json!({ "total": 2, "done": 1, "failed": 1 }));
    assert_eq!(app.faults(&ended).await, [(3, "image".to_owned(), "image_missing".to_owned())]);
}

#[tokio::test]
async fn m8_13_cancelled_while_pictures_come_it_is_resumed_with_those_that_are_left() {
    let (app, gallery) = (TestApp::reaching_anywhere().await, Gallery::open().await);
    let staff = app.staff(&RIGHTS).await;
    let (red, busy) = (gallery.url("/red.png"), gallery.url("/busy.png"));
    let id = begin(&staff, &format!("sku,name,price,category,image\nA,Tea,1,Tea,{red}\nB,Tea,1,Tea,{busy}\n"), None).await;
    app.run_due().await;
    let cancelled = staff.request("POST", &format!("/admin/jobs/{id}/cancel")).send().await.expect(200);
    assert_eq!(cancelled["pictures"], json!({ "total": 2, "done": 1, "failed": 0 }));
    app.clock().advance(chrono::Duration::minutes(10));
    app.run_due().await;
    assert_eq!(gallery.asked(), ["/busy.png", "/red.png"], "nothing more is asked");
    staff.request("POST", &format!("/admin/jobs/{id}/resume")).send().await.expect(202);
    for _ in 0..3 {
        app.run_due().await;
        app.clock().advance(chrono::Duration::minutes(1));
    }
    let ended = job(&staff, id).await;
    assert_eq!((ended["state"].as_str(), ended["done"].as_i64()), (Some("done"), Some(2)));
    assert_eq!(ended["pictures"], json!({ "total": 2, "done": 2, "failed": 0 }));
    assert_eq!(gallery.asked(), ["/busy.png", "/busy.png"]);
}
