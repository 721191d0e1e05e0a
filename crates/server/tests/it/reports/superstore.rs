//! B17, M9.10 Four years of a real shop's trade: moved in as its files are, the report
//! equals what the old shop's own figures say, to the cent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use zg_domain::{Currency, Locale, Money};
use zg_import::{Importer, Options, execute, start_from_bytes};
use zg_reports::{Ask, By, Detail};

use crate::support::TestApp;
use crate::support::platform::Binary;

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/superstore").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn import<I: Importer>(app: &TestApp, name: &str) {
    let id = start_from_bytes::<I>(&app.app, name, file(name), Options::default()).await.expect("a job");
    execute::<I>(&app.app, id).await.expect("the import");
    let job = app.staff(&["jobs.read"]).await.get(&format!("/admin/jobs/{id}")).await.expect(200);
    assert_eq!((job["state"].as_str(), job["failed"].as_i64()), (Some("done"), Some(0)), "{name}: {}", job.text());
}

/// Rows of a file, by heading.
fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let bytes = file(name);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

/// Orders, lines and net, grouped by a key of a line.
fn expected(lines: &[BTreeMap<String, String>], head: &str, key: impl Fn(&BTreeMap<String, String>) -> String) -> String {
    let usd: Currency = "USD".parse().expect("a currency");
    let mut groups: BTreeMap<String, (BTreeSet<&str>, i64, i64)> = BTreeMap::new();
    for line in lines {
        let group = groups.entry(key(line)).or_default();
        group.0.insert(&line["order_no"]);
        group.1 += 1;
        group.2 += Money::parse_decimal(&line["line_total_usd"], usd).expect("an amount").amount;
    }
    let row = |(key, (orders, lines, net)): (&String, &(BTreeSet<&str>, i64, i64))| {
        format!("{key},{},{lines},{}\n", orders.len(), Money::new(*net, usd).to_decimal())
    };
    format!("{head},orders,lines,net\n{}", groups.iter().map(row).collect::<String>())
}

fn expected_months() -> String {
    String::from_utf8(file("expected_months.csv")).expect("text").replacen("net_usd", "net", 1).replace('\r', "")
}

#[tokio::test]
async fn b17_the_superstores_months_days_and_categories_come_out_to_the_cent() {
    let app = TestApp::new().await;
    import::<zg_inventory::Products>(&app, "products.csv").await;
    import::<zg_customers::Customers>(&app, "customers.csv").await;
    import::<zg_moving_in::Orders>(&app, "order_lines.csv").await;

    let report = async |by| {
        let report = zg_reports::orders(&app.app, &Ask::everything(by, Locale::En)).await.expect("a report");
        assert_eq!((report.totals.orders, report.totals.lines, report.totals.net.to_decimal().as_str()), (5_009, 9_994, "2297201.07"));
        assert!(report.reconciled.agrees, "{:?}", report.reconciled);
        zg_reports::csv(&report, Detail::Brief).expect("a file")
    };
    let lines = rows("order_lines.csv");
    assert_eq!(report(By::Month).await, expected_months());
    assert_eq!(report(By::Day).await, expected(&lines, "day", |line| line["placed_on"].clone()));

    let products: BTreeMap<String, BTreeMap<String, String>> =
        rows("products.csv").into_iter().map(|row| (row["sku"].clone(), row)).collect();
    let of = |line: &BTreeMap<String, String>, column: &str| products[&line["sku"]][column].clone();
    assert_eq!(report(By::Category).await, expected(&lines, "category", |line| of(line, "category")));
    assert_eq!(report(By::Subcategory).await, expected(&lines, "subcategory", |line| of(line, "subcategory")));
}

/// The same as an operator does it, with nothing but the program and the files as they are.
#[tokio::test]
async fn b17_the_command_line_moves_the_superstore_in_and_reports_its_months() {
    let app = TestApp::new().await;
    let binary = Binary::on(&app.database_url());
    let import = |what: &str, name: &str, more: &[&str]| {
        let file = binary.file(name, file(name));
        binary.run(&[&["import", what, file.as_str()], more].concat()).ok()
    };
    import("products", "products.csv", &["--dry-run"]);
    let dump = app.dump().await;
    assert!(["product", "sku", "price", "category"].iter().all(|table| dump[*table].is_empty()), "a dry run changed something");
    import("products", "products.csv", &[]);
    import("customers", "customers.csv", &[]);
    import("orders", "order_lines.csv", &[]);
    assert_eq!(binary.run(&["report", "orders", "--by", "month", "--format", "csv"]).ok().out, expected_months());
    let one = ["report", "orders", "--by", "month", "--from", "2014-03-01", "--to", "2014-03-31", "--format", "json"];
    let json: serde_json::Value = serde_json::from_str(&binary.run(&one).ok().out).expect("JSON");
    assert_eq!((json["rows"][0]["key"].as_str(), json["rows"][0]["orders"].as_i64()), (Some("2014-03"), Some(71)));
    binary.run(&["verify"]).ok();
}
