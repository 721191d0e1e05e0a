//! M8.8 Addresses against the tree of regions.

use zg_base::shelf::Seen;
use zg_system::shipping::{AddressFault, Destination, check_address};

use crate::support::TestApp;

fn to(country: &str, region: [&str; 3]) -> Destination {
    let [province, city, district] = region.map(str::to_owned);
    Destination { country: country.to_owned(), province, city, district }
}

#[tokio::test]
async fn m8_8_an_address_is_taken_as_people_write_it() {
    let app = TestApp::new().await;
    for (country, region) in [
        ("CN", ["广东省", "深圳市", "南山区"]),
        ("cn", ["广东", "深圳", "南山"]),
        ("CN", ["Guangdong", "深圳市", "南山区"]),
        ("CN", ["新疆", "伊犁", "新源"]),
        ("CN", ["北京市", "北京市", "朝阳区"]),
        ("CN", ["北京", "市辖区", "朝阳"]),
        ("CN", ["上海市", "", "浦东新区"]),
        ("CN", ["重庆市", "县", "城口县"]),
        ("CN", ["广东省", "东莞市", ""]),
        ("CN", ["广东省", "东莞市", "虎门镇"]),
        ("CN", ["河南省", "济源市", ""]),
        ("CN", ["湖北省", "省直辖县级行政区划", "仙桃市"]),
        ("CN", ["广西", "桂林", "阳朔"]),
        ("US", ["WA", "Seattle", ""]),
        ("HK", ["", "", ""]),
    ] {
        let checked = check_address(&Seen::look(&app.app).await.unwrap(), &to(country, region)).await;
        assert!(checked.is_ok(), "{country} {region:?}: {checked:?}");
    }
}

#[tokio::test]
async fn m8_8_what_stands_nowhere_is_refused_by_its_field() {
    let app = TestApp::new().await;
    for (country, region, field, reason) in [
        ("", ["", "", ""], "country", "required"),
        ("XX", ["", "", ""], "country", "country_unknown"),
        ("11", ["", "", ""], "country", "country_unknown"),
        ("CN", ["", "深圳市", "南山区"], "province", "required"),
        ("CN", ["加州", "深圳市", "南山区"], "province", "region_unknown"),
        ("CN", ["香港特别行政区", "香港岛", "中西区"], "province", "region_abroad"),
        ("CN", ["广东省", "", "南山区"], "city", "required"),
        ("CN", ["广东省", "杭州市", "西湖区"], "city", "region_unknown"),
        ("CN", ["广东省", "深圳市", ""], "district", "required"),
        ("CN", ["广东省", "深圳市", "西湖区"], "district", "region_unknown"),
        ("CN", ["新疆", "和田地区", "和田"], "district", "region_unknown"),
    ] {
        let fault = check_address(&Seen::look(&app.app).await.unwrap(), &to(country, region)).await.unwrap_err();
        let AddressFault::Field { field: found, reason: why } = fault else { panic!("{country} {region:?}: {fault}") };
        assert_eq!((found, why), (field, reason), "{country} {region:?}");
    }
}
