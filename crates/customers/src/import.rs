//! Import of customers (M8.14): upsert by code, one record a person.
//!
//! A row whose e-mail address or phone belongs to another customer is refused, and its
//! value is masked in the file of errors; unless that customer came without a code of
//! the shop's own, by ordering or registering: then it is the same person and takes the
//! code. An empty cell changes nothing. There is no column for a password.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zg_base::{App, Tx};
use zg_db::entity::customer::{self, Entity, Model};
use zg_db::entity::customer_address;
use zg_domain::{Email, Locale, Phone, time};
use zg_import::{Column, Faults, Importer, Plan, Record};

use crate::find::{ACTIVE, ERASED};
use crate::for_order::MADE_UP;
use crate::{AddressInput, Error, folded, tag};

/// Customers, by code.
#[derive(Clone, Copy, Debug)]
pub struct Customers;

/// A row of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    code: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    segment: Option<String>,
    locale: Option<Locale>,
    address: Option<AddressInput>,
    tags: BTreeSet<String>,
    marketing: Option<bool>,
    since: Option<NaiveDate>,
}

impl Importer for Customers {
    const KIND: &'static str = "customers";
    const TASK: &'static str = "import.customers";
    const COLUMNS: &'static [Column] = &[
        Column::required("code", &["customer", "customer_code", "编号", "客户编号", "会员编号"]),
        Column::required("name", &["customer_name", "姓名", "名称", "客户名称"]),
        Column::new("email", &["e-mail", "mail", "邮箱", "电子邮箱"]),
        Column::new("phone", &["mobile", "tel", "telephone", "手机", "手机号", "电话"]),
        Column::new("segment", &["group", "分组", "客户分组", "类别"]),
        Column::new("locale", &["language", "语言"]),
        Column::new("country", &["国家", "国家或地区"]),
        Column::new("province", &["state", "省", "省份"]),
        Column::new("city", &["城市", "市"]),
        Column::new("district", &["county", "区", "区县"]),
        Column::new("street", &["address", "地址", "详细地址"]),
        Column::new("postal_code", &["postcode", "zip", "邮编"]),
        Column::new("tags", &["tag", "标签"]),
        Column::new("marketing", &["opt_in", "newsletter", "同意营销"]),
        Column::new("since", &["created_at", "registered_on", "注册日期"]),
    ];
    type Row = Row;

    fn parse(record: &Record<'_>, faults: &mut Faults) -> Option<Row> {
        let row = record.row();
        let code = record.required("code", faults).map(str::to_owned);
        let name = record.required("name", faults).map(str::to_owned);
        let mut text = |column: &str, most: usize| {
            let text = record.text(column)?;
            if text.chars().count() > most {
                faults.add(row, column, "field_too_long", None);
            }
            Some(text.to_owned())
        };
        let segment = text("segment", 64);
        for column in ["code", "name"] {
            text(column, 100);
        }
        let email = parsed(record, "email", faults, |text| text.parse::<Email>().ok()).map(|email| email.as_str().to_owned());
        let phone = parsed(record, "phone", faults, |text| text.parse::<Phone>().ok()).map(|phone| phone.as_str().to_owned());
        let locale = parsed(record, "locale", faults, |text| text.parse::<Locale>().ok());
        let marketing = parsed(record, "marketing", faults, yes_or_no);
        let since = record.date("since", faults);
        let address = address(record, name.as_deref(), phone.as_deref(), faults);
        let tags: BTreeSet<String> = record
            .text("tags")
            .unwrap_or_default()
            .split([';', '；'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect();
        if tags.iter().any(|tag| tag.chars().count() > 40) {
            faults.add(row, "tags", "field_too_long", None);
        }
        Some(Row { code: code?, name: name?, email, phone, segment, locale, address, tags, marketing, since })
    }

    /// Rows of one e-mail address come together, so that the second can be refused.
    fn group(row: &Row) -> String {
        row.email.as_ref().or(row.phone.as_ref()).unwrap_or(&row.code).clone()
    }

    async fn plan(app: &App, rows: &[(i64, Row)]) -> Result<Plan, zg_import::Error> {
        let known = Known::of(app.read(), rows.iter().map(|(_, row)| row)).await.map_err(base)?;
        let mut plan = Plan::default();
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        // Of two that say the same, the first of the file stays.
        let mut rows: Vec<&(i64, Row)> = rows.iter().collect();
        rows.sort_by_key(|(number, _)| *number);
        for (number, row) in rows {
            let mut keys = vec![("code", row.code.as_str())];
            keys.extend(row.email.as_deref().map(|email| ("email", email)));
            keys.extend(row.phone.as_deref().map(|phone| ("phone", phone)));
            let twin = keys.iter().find(|key| seen.contains(*key)).map(|(column, _)| (*column, "duplicate"));
            if let Some((column, code)) = twin.or_else(|| Some((known.foreign(row)?, "taken"))) {
                let value = keys.iter().find(|(name, _)| *name == column).map(|(_, value)| masked(column, value));
                plan.refuse(*number, column, code, value.as_deref());
                continue;
            }
            seen.extend(keys);
            match known.record(row) {
                None => plan.created += 1,
                Some(before) if before.state != ACTIVE => plan.refuse(*number, "code", "customer_merged", Some(&row.code)),
                Some(_) => plan.updated += 1,
            }
        }
        Ok(plan)
    }

    async fn apply(tx: &Tx, rows: &[(i64, Row)]) -> Result<(), zg_import::Error> {
        let rows: Vec<&Row> = rows.iter().map(|(_, row)| row).collect();
        apply(tx, &rows).await.map_err(base)
    }
}

fn base(error: Error) -> zg_import::Error {
    match error {
        Error::Base(error) => error.into(),
        other => zg_import::Error::Broken(other.to_string()),
    }
}

/// A value of a column; one that does not parse is a fault, told masked.
fn parsed<T>(record: &Record<'_>, column: &str, faults: &mut Faults, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let text = record.text(column)?;
    let value = parse(text);
    if value.is_none() {
        faults.add(record.row(), column, "invalid", Some(&masked(column, text)));
    }
    value
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "是" => Some(true),
        "0" | "n" | "no" | "false" | "否" => Some(false),
        _ => None,
    }
}

/// The address of a row; none if it has no street.
fn address(record: &Record<'_>, name: Option<&str>, phone: Option<&str>, faults: &mut Faults) -> Option<AddressInput> {
    let street = record.text("street")?;
    let text = |column: &str| record.text(column).unwrap_or_default().to_owned();
    let country = record.text("country").unwrap_or("CN");
    let input = AddressInput {
        name: name.unwrap_or_default().to_owned(),
        phone: phone.unwrap_or_default().to_owned(),
        country: country.to_owned(),
        province: text("province"),
        city: text("city"),
        district: text("district"),
        street: street.to_owned(),
        postal_code: text("postal_code"),
        is_default: false,
    };
    match input.checked() {
        Ok(input) => Some(input),
        Err(Error::Field { pointer, code }) => {
            let code = if code == "required" { "required" } else { "invalid" };
            faults.add(record.row(), pointer.trim_start_matches('/'), code, None);
            None
        }
        Err(_) => None,
    }
}

/// A personal value as the file of errors shows it: `l***@example.com`, `138****8000`.
fn masked(column: &str, value: &str) -> String {
    let head: String = value.chars().take(if column == "phone" { 3 } else { 1 }).collect();
    match column {
        "email" => format!("{head}***{}", value.find('@').and_then(|at| value.get(at..)).unwrap_or_default()),
        "phone" => format!("{head}****{}", value.get(value.len().saturating_sub(4)..).filter(|_| value.len() > 7).unwrap_or_default()),
        _ => value.to_owned(),
    }
}

/// The customers that rows may be about.
struct Known {
    coded: BTreeMap<String, Model>,
    mailed: BTreeMap<String, Model>,
    phoned: BTreeMap<String, Model>,
}

impl Known {
    async fn of(db: &impl ConnectionTrait, rows: impl Iterator<Item = &Row> + Clone) -> Result<Self, Error> {
        use customer::Column;
        let codes = Column::Code.is_in(rows.clone().map(|row| row.code.as_str()));
        let emails = Column::Email.is_in(rows.clone().filter_map(|row| row.email.as_deref()));
        let phones = Column::Phone.is_in(rows.filter_map(|row| row.phone.as_deref())).and(Column::State.eq(ACTIVE));
        let all = async |which| Entity::find().filter(which).all(db).await;
        let (mut mailed, mut phoned) = (BTreeMap::new(), BTreeMap::new());
        for row in all(emails).await? {
            mailed.insert(row.email.clone().unwrap_or_default(), row);
        }
        for row in all(phones).await? {
            // The oldest of several.
            phoned.entry(row.phone.clone().unwrap_or_default()).or_insert(row);
        }
        let coded = all(codes).await?.into_iter().filter(|row| row.state != ERASED).map(|row| (row.code.clone(), row)).collect();
        Ok(Self { coded, mailed, phoned })
    }

    /// The record a row is about.
    fn record(&self, row: &Row) -> Option<&Model> {
        let adopted = || self.others(row).into_iter().map(|(_, other)| other).find(|other| other.code.starts_with(MADE_UP));
        self.coded.get(&row.code).or_else(adopted)
    }

    /// The column by which the row names another customer than its code does.
    fn foreign(&self, row: &Row) -> Option<&'static str> {
        let own = self.record(row).map(|own| own.id);
        self.others(row).into_iter().find(|(_, other)| own != Some(other.id)).map(|(column, _)| column)
    }

    fn others(&self, row: &Row) -> Vec<(&'static str, &Model)> {
        let email = row.email.as_ref().and_then(|value| Some(("email", self.mailed.get(value)?)));
        let phone = row.phone.as_ref().and_then(|value| Some(("phone", self.phoned.get(value)?)));
        email.into_iter().chain(phone).collect()
    }
}

async fn apply(tx: &Tx, rows: &[&Row]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let known = Known::of(tx.db(), rows.iter().copied()).await?;
    let zone = tx.app().shop().time_zone;
    let (mut fresh, mut changed) = (Vec::new(), Vec::new());
    for row in rows {
        let since = row.since.map(|day| time::start_of(day, zone));
        match known.record(row) {
            None => fresh.push(customer::ActiveModel {
                segment: Set(row.segment.clone()),
                locale: Set(row.locale.unwrap_or(Locale::ZhCn).tag().to_owned()),
                state: Set(ACTIVE.to_owned()),
                marketing_at: Set(row.marketing.unwrap_or(false).then_some(tx.now())),
                created_at: Set(since.unwrap_or(tx.now())),
                version: Set(1),
                password_hash: Set(None),
                merged_into: Set(None),
                email_verified_at: Set(None),
                ..folded::row(&row.code, &row.name, row.email.as_deref(), row.phone.as_deref())
            }),
            Some(before) => {
                let email = row.email.as_deref().or(before.email.as_deref());
                let phone = row.phone.as_deref().or(before.phone.as_deref());
                let marketing_at = match row.marketing {
                    None => before.marketing_at,
                    Some(true) => before.marketing_at.or(Some(tx.now())),
                    Some(false) => None,
                };
                let after = customer::ActiveModel {
                    id: Set(before.id),
                    segment: Set(row.segment.clone().or_else(|| before.segment.clone())),
                    locale: Set(row.locale.map_or_else(|| before.locale.clone(), |locale| locale.tag().to_owned())),
                    marketing_at: Set(marketing_at),
                    created_at: Set(since.unwrap_or(before.created_at)),
                    // Nobody has shown that a new address is theirs.
                    email_verified_at: Set(before.email_verified_at.filter(|_| email == before.email.as_deref())),
                    ..folded::row(&row.code, &row.name, email, phone)
                };
                if !same(before, &after) {
                    changed.push((before.version, after));
                }
            }
        }
    }
    if !fresh.is_empty() {
        let code = OnConflict::column(customer::Column::Code).do_nothing().to_owned();
        Entity::insert_many(fresh).on_conflict(code).exec_without_returning(tx.db()).await?;
    }
    for (version, after) in changed {
        customer::ActiveModel { version: Set(version + 1), ..after }.update(tx.db()).await?;
    }
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let ids = crate::by_codes(tx.db(), &codes).await?;
    add_tags(tx, rows, &ids).await?;
    add_addresses(tx, rows, &ids).await?;
    tx.audit("customer.import", "customer", 0, None, Some(json!({ "rows": rows.len() }))).await?;
    Ok(())
}

/// Would writing `after` change nothing?
fn same(before: &Model, after: &customer::ActiveModel) -> bool {
    after.code.as_ref() == &before.code
        && after.name.as_ref() == &before.name
        && after.email.as_ref() == &before.email
        && after.phone.as_ref() == &before.phone
        && after.segment.as_ref() == &before.segment
        && after.locale.as_ref() == &before.locale
        && after.marketing_at.as_ref() == &before.marketing_at
        && after.created_at.as_ref() == &before.created_at
}

async fn add_tags(tx: &Tx, rows: &[&Row], ids: &BTreeMap<String, i64>) -> Result<(), Error> {
    let names: BTreeSet<String> = rows.iter().flat_map(|row| row.tags.iter().cloned()).collect();
    let tags = tag::made(tx, &names).await?;
    let of = |row: &&Row| {
        let id = ids.get(&row.code).copied();
        row.tags.iter().filter_map(|name| Some((id?, *tags.get(name)?))).collect::<Vec<_>>()
    };
    tag::link(tx, rows.iter().flat_map(of).collect()).await
}

/// Adds addresses that a customer does not have; the first is the default.
async fn add_addresses(tx: &Tx, rows: &[&Row], ids: &BTreeMap<String, i64>) -> Result<(), Error> {
    use customer_address::Column;
    let wanted: Vec<(i64, &AddressInput)> = rows.iter().filter_map(|row| Some((*ids.get(&row.code)?, row.address.as_ref()?))).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let theirs = customer_address::Entity::find().filter(Column::CustomerId.is_in(wanted.iter().map(|(id, _)| *id))).all(tx.db()).await?;
    let has = |id: i64, input: &AddressInput| {
        theirs.iter().any(|row| {
            let place = (&row.country, &row.province, &row.city, &row.district, &row.street);
            row.customer_id == id && place == (&input.country, &input.province, &input.city, &input.district, &input.street)
        })
    };
    let rows: Vec<customer_address::ActiveModel> = wanted
        .into_iter()
        .filter(|(id, input)| !has(*id, input))
        .map(|(id, input)| customer_address::ActiveModel {
            customer_id: Set(id),
            token: Set(tx.token()),
            is_default: Set(!theirs.iter().any(|row| row.customer_id == id)),
            ..input.clone().row()
        })
        .collect();
    if !rows.is_empty() {
        customer_address::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m8_14_personal_values_are_masked() {
        assert_eq!(masked("email", "li.lei@example.com"), "l***@example.com");
        assert_eq!(masked("phone", "13800138000"), "138****8000");
        assert_eq!(masked("phone", "12345"), "123****");
        assert_eq!(masked("email", "no address"), "n***");
        assert_eq!(masked("code", "C-1"), "C-1");
    }
}
