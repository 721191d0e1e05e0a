//! B7, P15: categories and search, with everything in the address.

use super::Browser;
use crate::support::TestApp;

#[tokio::test]
async fn p15_a_category_is_filtered_sorted_and_paged_in_its_address() {
    let app = TestApp::new().await;
    let tea = app.category("tea").await;
    for number in 0..26 {
        app.product(&format!("TEA{number}")).price(1000 + number * 100).stock(number % 2).within(tea).await;
    }
    let browser = Browser::new(&app);
    let page = browser.open("/en/c/tea?sort=price").await.expect(200).text();
    assert_eq!(page.matches("class=\"card\"").count(), 24);
    let first = page.find("TEA0<").unwrap_or(usize::MAX);
    assert!(first < page.find("TEA23<").unwrap_or(0), "{page}");
    let next = super::between(&page, "rel=\"next\"", ">")
        .map(|_| ())
        .and_then(|()| page.split("href=\"").find(|part| part.contains("rel=\"next\"")));
    let next = next.and_then(|part| part.split('"').next()).expect("a next page").replace("&amp;", "&");
    let last = browser.open(&format!("/en/c/tea{next}")).await.expect(200).text();
    assert_eq!(last.matches("class=\"card\"").count(), 2);
    let in_stock = browser.open("/en/c/tea?stock=1").await.expect(200).text();
    assert_eq!(in_stock.matches("class=\"card\"").count(), 13);
    let cheap = browser.open("/en/c/tea?min=10&max=10.50").await.expect(200).text();
    assert_eq!(cheap.matches("class=\"card\"").count(), 1);
    // What it does not know it leaves alone.
    browser.open("/en/c/tea?utm_source=x&sort=nonsense&min=abc").await.expect(200);
}

#[tokio::test]
async fn b7_search_finds_in_both_languages_and_says_when_it_finds_nothing() {
    let app = TestApp::new().await;
    app.product("LJ").named("西湖龙井", "Longjing Tea").await;
    let browser = Browser::new(&app);
    assert!(browser.open("/zh-CN/search?q=%E9%BE%99%E4%BA%95").await.expect(200).text().contains("西湖龙井"));
    assert!(browser.open("/en/search?q=longjing").await.expect(200).text().contains("Longjing Tea"));
    let nothing = browser.open("/en/search?q=zzzzqqqq").await.expect(200).text();
    assert!(nothing.contains("Nothing found") && nothing.contains("name=\"robots\" content=\"noindex\""));
}
