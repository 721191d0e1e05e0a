//! M2.12 The category tree.

use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

async fn move_to(staff: &Client, id: i64, version: i64, parent: Option<i64>, position: usize) -> Reply {
    let body = json!({ "parent_id": parent, "position": position });
    staff.request("POST", &format!("/admin/categories/{id}/move")).if_match(version).body(body).send().await
}

/// Code, depth, products of each, in the order of the tree.
fn seen(tree: &Reply) -> Vec<(String, i64, i64)> {
    let row = |row: &Value| {
        (row["code"].as_str().unwrap_or("").to_owned(), row["depth"].as_i64().unwrap_or(-1), row["products"].as_i64().unwrap_or(-1))
    };
    tree.json().as_array().expect("a tree").iter().map(row).collect()
}

fn rows(rows: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    rows.iter().map(|(code, depth, products)| ((*code).to_owned(), *depth, *products)).collect()
}

#[tokio::test]
async fn m2_12_a_subtree_moves_whole_and_counts_follow() {
    let app = TestApp::new().await;
    let drinks = app.category("drinks").await;
    let tea = app.category_below("tea", Some(drinks)).await;
    let green = app.category_below("green", Some(tea)).await;
    let gifts = app.category("gifts").await;
    app.product("LONGJING").within(green).await;
    // In two categories below `drinks`, it counts once there.
    app.product("POT").within(tea).with("category_ids", json!([green])).await;
    let staff = app.staff(&["categories.write", "catalog.read"]).await;
    let tree = staff.get("/admin/categories").await;
    assert_eq!(seen(&tree), rows(&[("drinks", 0, 2), ("tea", 1, 2), ("green", 2, 2), ("gifts", 0, 0)]));
    move_to(&staff, tea, 1, Some(gifts), 0).await.expect(200);
    let tree = staff.get("/admin/categories").await;
    assert_eq!(seen(&tree), rows(&[("drinks", 0, 0), ("gifts", 0, 2), ("tea", 1, 2), ("green", 2, 2)]));
    let store = app.guest().get("/store/categories?locale=en").await.expect(200);
    assert_eq!(store.json()[1]["children"][0]["children"][0]["products"], 2);
    let list = app.guest().get("/store/products?category=gifts").await.expect(200);
    assert_eq!(list.json()["meta"]["total"], 2);
    let page = app.guest().get("/store/products/product-longjing?locale=en").await.expect(200);
    let crumbs: Vec<&str> =
        page.json()["breadcrumbs"].as_array().expect("crumbs").iter().filter_map(|crumb| crumb["slug"].as_str()).collect();
    assert_eq!(crumbs, ["gifts", "tea", "green"]);
}

#[tokio::test]
async fn m2_12_a_circle_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let top = app.category("top").await;
    let below = app.category_below("below", Some(top)).await;
    let staff = app.staff(&["categories.write", "catalog.read"]).await;
    let before = app.dump().await;
    assert_eq!(move_to(&staff, top, 1, Some(below), 0).await.problem(), (409, "category_cycle"));
    assert_eq!(move_to(&staff, top, 1, Some(top), 0).await.problem(), (409, "category_cycle"));
    assert_eq!(move_to(&staff, top, 9, None, 0).await.problem(), (412, "changed"));
    assert_eq!(move_to(&staff, app.unknown(), 1, None, 0).await.problem(), (404, "category_not_found"));
    assert_eq!(staff.delete(&format!("/admin/categories/{top}")).await.problem(), (409, "category_in_use"));
    assert_eq!(app.dump().await, before);
    staff.delete(&format!("/admin/categories/{below}")).await.expect(204);
    staff.delete(&format!("/admin/categories/{top}")).await.expect(204);
}

#[tokio::test]
async fn m2_12_a_code_is_one_categorys() {
    let app = TestApp::new().await;
    app.category("tea").await;
    let owner = app.owner().await;
    let refused = owner.post("/admin/categories", json!({ "code": "tea", "name": { "en": "Tea" }, "parent_id": null })).await;
    assert_eq!(refused.fields(), [("/code", "category_code_taken")]);
}

mod load {
    use std::time::{Duration, Instant};

    use super::move_to;
    use crate::support::TestApp;

    #[tokio::test]
    async fn m2_12_ten_thousand_categories_move_in_a_second() {
        let app = TestApp::new().await;
        let mut file = "code,parent,name_en\ntop,,Top\nother,,Other\n".to_owned();
        for n in 0..100 {
            file.push_str(&format!("b{n},top,Branch {n}\n"));
            for m in 0..99 {
                file.push_str(&format!("b{n}-{m},b{n},Leaf {n} {m}\n"));
            }
        }
        let ended = app.import("categories", file.as_bytes()).await;
        assert_eq!((ended.state.as_str(), ended.failed), ("done", 0));
        let owner = app.owner().await;
        let (top, other) = (app.category("top").await, app.category("other").await);
        let began = Instant::now();
        move_to(&owner, top, 1, Some(other), 0).await.expect(200);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
        let leaf = owner.get("/admin/categories").await;
        let leaf = leaf.json().as_array().and_then(|rows| rows.iter().find(|row| row["code"] == "b7-7").cloned()).expect("a leaf");
        assert_eq!(leaf["depth"], 3);
    }
}
