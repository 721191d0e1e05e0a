//! What a shop begins with: the tree of regions, and carriers, zones and methods
//! with believable rates, so that it can sell at once.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Set};
use zg_db::entity::region::{ActiveModel, Entity};
use zg_db::{Databases, dialect};
use zg_domain::Locale;
use zg_domain::shipping::{Basis, Rate};

use crate::Error;
use crate::shipping::carrier::{self, CarrierInput};
use crate::shipping::method::{self, ShippingMethodInput};
use crate::shipping::place::CHINA;
use crate::shipping::rate::ShippingRate;
use crate::shipping::zone::{self, ZoneInput, ZoneLine};

/// Code, parent, name, English name; see `data/README.md`.
const REGIONS: &str = include_str!("../../data/regions.tsv");
/// Code, Chinese name, English name.
const COUNTRIES: &str = include_str!("../../data/countries.tsv");
/// Rows of one statement.
const CHUNK: usize = 1_000;

/// Loads the regions, and writes the first carriers, zones and methods of a new
/// shop. A shop that has regions has begun: nothing is done.
///
/// # Errors
/// [`Error::Base`] if the database fails.
pub async fn ensure(databases: &Databases) -> Result<(), Error> {
    if Entity::find().limit(1).one(&databases.read).await?.is_some() {
        return Ok(());
    }
    let tx = databases.begin().await?;
    // Another node that holds the lock is at it; one that came first has done it.
    let mine = dialect::try_lock(&tx, dialect::FIRST_ROWS_LOCK).await?;
    if !mine || Entity::find().limit(1).one(&tx).await?.is_some() {
        return Ok(tx.rollback().await?);
    }
    load(&tx).await?;
    begin(&tx).await?;
    Ok(tx.commit().await?)
}

async fn load(db: &impl ConnectionTrait) -> Result<(), Error> {
    let mut levels: BTreeMap<&str, i32> = BTreeMap::from([(CHINA, 0)]);
    let mut rows = Vec::new();
    for line in COUNTRIES.lines() {
        let [code, name, english] = cells(line);
        rows.push(row(code, code, None, 0, name, Some(english)));
    }
    for line in REGIONS.lines() {
        let [code, parent, name, english] = cells(line);
        // Parents stand before their children in the file.
        let level = levels.get(parent).copied().unwrap_or_default() + 1;
        levels.insert(code, level);
        rows.push(row(code, CHINA, Some(parent), level, name, Some(english).filter(|name| !name.is_empty())));
    }
    for chunk in rows.chunks(CHUNK) {
        Entity::insert_many(chunk.to_vec()).exec_without_returning(db).await?;
    }
    Ok(())
}

fn cells<const N: usize>(line: &str) -> [&str; N] {
    let mut parts = line.split('\t');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn row(code: &str, country: &str, parent: Option<&str>, level: i32, name: &str, english: Option<&str>) -> ActiveModel {
    ActiveModel {
        code: Set(code.to_owned()),
        country: Set(country.to_owned()),
        parent: Set(parent.map(str::to_owned)),
        level: Set(level),
        name: Set(name.to_owned()),
        name_en: Set(english.map(str::to_owned)),
    }
}

/// Code, name, address at which a parcel is followed.
const CARRIERS: [(&str, &str, &str); 6] = [
    ("sf", "顺丰速运 SF Express", "https://www.sf-express.com/chn/sc/waybill/waybill-detail/{number}"),
    ("ems", "中国邮政 EMS", "https://www.kuaidi100.com/chaxun?com=ems&nu={number}"),
    ("zto", "中通快递 ZTO", "https://www.zto.com/express/expressCheck.html?txtBill={number}"),
    ("yto", "圆通速递 YTO", "https://www.kuaidi100.com/chaxun?com=yuantong&nu={number}"),
    ("jd", "京东快递 JD", "https://www.jdl.com/orderSearch?waybillCodes={number}"),
    ("dhl", "DHL", "https://www.dhl.com/en/express/tracking.html?AWB={number}"),
];

/// 内蒙古 西藏 甘肃 青海 宁夏 新疆: parcels take longer and cost more.
const REMOTE: [&str; 6] = ["15", "54", "62", "63", "64", "65"];

const MAINLAND: &str = "mainland";
const FAR: &str = "remote";
const NEAR: &str = "hk-mo-tw";
const WORLD: &str = "world";

async fn begin(db: &impl ConnectionTrait) -> Result<(), Error> {
    let mut carriers: BTreeMap<&str, i64> = BTreeMap::new();
    for (code, name, url) in CARRIERS {
        let asked = CarrierInput { code: code.to_owned(), name: name.to_owned(), tracking_url: Some(url.to_owned()), enabled: true };
        carriers.insert(code, carrier::add(db, &asked).await?.id);
    }
    let mut zones: BTreeMap<&str, i64> = BTreeMap::new();
    for asked in first_zones() {
        let row = zone::add(db, &asked).await?;
        let code = [MAINLAND, FAR, NEAR, WORLD].into_iter().find(|code| *code == row.code);
        zones.extend(code.map(|code| (code, row.id)));
    }
    for (position, (code, [zh, en], carrier, cod, rates)) in (0..).zip(METHODS) {
        let names = [(Locale::ZhCn, zh), (Locale::En, en)];
        let rates = rates.iter().filter_map(|(zone, rate)| zones.get(zone).map(|id| ShippingRate::new(*id, *rate)));
        let asked = ShippingMethodInput {
            code: code.to_owned(),
            name: names.into_iter().map(|(locale, name)| (locale.tag().to_owned(), name.to_owned())).collect(),
            carrier_id: carriers.get(carrier).copied(),
            enabled: true,
            cod,
            position,
            rates: rates.collect(),
        };
        method::add(db, &asked).await?;
    }
    Ok(())
}

fn first_zones() -> [ZoneInput; 4] {
    let line = |country: &str, region: Option<&str>, excluded| ZoneLine {
        country: country.to_owned(),
        region: region.map(str::to_owned),
        excluded,
    };
    let zone = |code: &str, name: &str, lines: Vec<ZoneLine>| ZoneInput { code: code.to_owned(), name: name.to_owned(), lines };
    let all = line(CHINA, None, false);
    let far = REMOTE.into_iter();
    let near = ["HK", "MO", "TW"].into_iter();
    [
        zone(
            MAINLAND,
            "中国大陆 Mainland China",
            std::iter::once(all).chain(far.clone().map(|code| line(CHINA, Some(code), true))).collect(),
        ),
        zone(FAR, "偏远地区 Remote regions", far.map(|code| line(CHINA, Some(code), false)).collect()),
        zone(NEAR, "港澳台 Hong Kong, Macao, Taiwan", near.clone().map(|country| line(country, None, false)).collect()),
        zone(
            WORLD,
            "其他国家和地区 Rest of the world",
            std::iter::once(line("*", None, false))
                .chain(std::iter::once(line(CHINA, None, true)))
                .chain(near.map(|country| line(country, None, true)))
                .collect(),
        ),
    ]
}

/// By weight: the first `from` grams for `base`, each further `every` grams for `step`.
const fn by_weight(from: i64, base: i64, every: i64, step: i64, free_over: Option<i64>) -> Rate {
    Rate { basis: Basis::Weight, from_value: from, base, step_value: every, step, free_over }
}

/// Code, names in Chinese and English, carrier, money on delivery, rates by zone.
type First = (&'static str, [&'static str; 2], &'static str, bool, &'static [(&'static str, Rate)]);

const METHODS: [First; 4] = [
    (
        "standard",
        ["标准快递", "Standard delivery"],
        "zto",
        true,
        &[(MAINLAND, by_weight(1_000, 800, 1_000, 200, Some(9_900))), (FAR, by_weight(1_000, 1_800, 1_000, 1_000, Some(29_900)))],
    ),
    (
        "express",
        ["顺丰特快", "SF express"],
        "sf",
        true,
        &[
            (MAINLAND, by_weight(1_000, 1_800, 1_000, 500, None)),
            (FAR, by_weight(1_000, 2_600, 1_000, 1_600, None)),
            (NEAR, by_weight(1_000, 3_600, 1_000, 1_800, None)),
        ],
    ),
    (
        "international",
        ["国际邮政 EMS", "International EMS"],
        "ems",
        false,
        &[(NEAR, by_weight(500, 6_000, 500, 2_000, None)), (WORLD, by_weight(500, 12_000, 500, 4_500, None))],
    ),
    ("dhl", ["DHL 国际快递", "DHL Express"], "dhl", false, &[(WORLD, by_weight(500, 26_000, 500, 7_500, None))]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_8_every_region_stands_after_its_parent() {
        let mut seen = std::collections::BTreeSet::from([CHINA]);
        let mut counts = BTreeMap::new();
        for line in REGIONS.lines() {
            let [code, parent, name, _] = cells(line);
            assert!(seen.contains(parent), "{line}");
            assert!(seen.insert(code), "{line}");
            assert!(!name.is_empty(), "{line}");
            *counts.entry(code.len()).or_insert(0) += 1;
        }
        assert_eq!(counts.get(&2), Some(&31));
        assert_eq!(COUNTRIES.lines().count(), 249);
    }
}
