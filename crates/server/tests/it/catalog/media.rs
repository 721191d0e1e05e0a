//! M2.8 Pictures.

use std::io::Cursor;

use serde_json::json;

use crate::support::{Client, Reply, TestApp};

fn picture(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut out, format).expect("a picture");
    out.into_inner()
}

async fn upload(staff: &Client, product: i64, name: &str, bytes: &[u8]) -> Reply {
    staff.upload(&format!("/admin/products/{product}/media"), "file", name, "application/octet-stream", bytes).await
}

#[tokio::test]
async fn m2_8_a_picture_is_shown_with_its_sizes_and_words() {
    let app = TestApp::new().await;
    let product = app.product("TEA").named("龙井", "Longjing").await;
    let staff = app.staff(&["products.write", "catalog.read"]).await;
    let first = upload(&staff, product.id, "a.png", &picture(1000, 500, image::ImageFormat::Png)).await.expect(201);
    let second = upload(&staff, product.id, "b.jpg", &picture(200, 200, image::ImageFormat::Jpeg)).await.expect(201);
    let widths: Vec<i64> = first.json()["sizes"].as_array().expect("sizes").iter().filter_map(|size| size["width"].as_i64()).collect();
    assert_eq!(widths, [160, 480, 960]);
    let url = format!("/admin/products/{}/media/{}", product.id, second.id());
    staff.put(&url, json!({ "alt": { "en": "A leaf" }, "sku": "TEA", "position": 0 })).await.expect(200);
    let page = app.guest().get(&format!("/store/products/{}?locale=en", product.slug)).await.expect(200);
    let alts: Vec<&str> = page.json()["pictures"].as_array().expect("pictures").iter().filter_map(|one| one["alt"].as_str()).collect();
    assert_eq!(alts, ["A leaf", "Longjing"]);
    let small = page.json()["pictures"][1]["sizes"][0]["url"].as_str().expect("an address").to_owned();
    let file = app.guest().raw("GET", &small).send().await;
    assert_eq!((file.status(), file.header("content-type")), (200, "image/webp"));
    staff.delete(&url).await.expect(204);
    assert_eq!(staff.delete(&url).await.problem(), (404, "media_not_found"));
    let page = app.guest().get(&format!("/store/products/{}?locale=en", product.slug)).await;
    assert_eq!(page.json()["pictures"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn m2_8_only_pictures_are_taken_whatever_they_are_called() {
    let app = TestApp::new().await;
    let product = app.product("TEA").await;
    let staff = app.staff(&["products.write"]).await;
    let before = app.dump().await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (name, bytes) in [("a.png", svg.as_slice()), ("b.png", b"MZ\x90\0"), ("c.jpg", b""), ("d.png", b"\x89PNG\r\n\x1a\ncut short")] {
        assert_eq!(upload(&staff, product.id, name, bytes).await.problem(), (415, "media_type"), "{name}");
    }
    let large = vec![0_u8; zg_catalog::MEDIA_LIMIT + 1];
    assert_eq!(upload(&staff, product.id, "large.png", &large).await.problem(), (413, "media_too_large"));
    assert_eq!(app.dump().await, before);
    assert_eq!(upload(&staff, app.unknown(), "a.png", svg).await.problem(), (404, "product_not_found"));
}

#[tokio::test]
async fn m2_8_the_same_picture_is_stored_once() {
    let app = TestApp::new().await;
    let (one, two) = (app.product("ONE").await, app.product("TWO").await);
    let staff = app.staff(&["products.write"]).await;
    let bytes = picture(300, 300, image::ImageFormat::Png);
    let first = upload(&staff, one.id, "a.png", &bytes).await.expect(201);
    let second = upload(&staff, two.id, "b.png", &bytes).await.expect(201);
    assert_eq!(first.json()["url"], second.json()["url"]);
    let files = app.dump().await.remove("file").expect("files");
    assert_eq!(files.len(), 2, "the original and its copy of 160 pixels");
}
