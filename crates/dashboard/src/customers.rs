//! Customers (M1.1): how many there are, who is new, who ordered.

use chrono::NaiveDate;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use zg_base::App;
use zg_db::entity::{customer, order};
use zg_domain::order::State;

use crate::badges::whole;
use crate::window::{Pair, Period, Sums, first, rows_in};

/// Customers.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerKpis {
    /// All that are in use.
    total: i64,
    /// Today, 7 days, 30 days.
    periods: Vec<CustomerPeriod>,
}

/// A period, beside the one before.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerPeriod {
    period: Period,
    /// Its first day: the customer list's `from`.
    from: NaiveDate,
    /// Its last day: the customer list's `to`.
    to: NaiveDate,
    /// Known since then.
    new: i64,
    new_before: i64,
    /// Who ordered, not counting cancelled orders.
    active: i64,
    active_before: i64,
}

pub(crate) async fn of(app: &App, pairs: &[Pair; 3]) -> Result<CustomerKpis, DbErr> {
    use customer::Column;
    let in_use = customer::Entity::find().filter(Column::State.eq("active"));
    let total = whole(in_use.clone().count(app.read()).await?);
    let made = in_use.filter(Column::CreatedAt.gte(first(pairs).begins)).select_only();
    let made = Sums::columns(made, pairs, |window| rows_in(Column::CreatedAt.gte(window.begins).and(Column::CreatedAt.lt(window.ends))));
    let made = made.into_model::<Sums>().one(app.read()).await?.unwrap_or_default();

    let ordered = order::Entity::find()
        .select_only()
        .filter(order::Column::PlacedOn.gte(first(pairs).from))
        .filter(order::Column::State.is_not_in([State::Draft.as_str(), State::Cancelled.as_str()]));
    let ordered = Sums::columns(ordered, pairs, |window| {
        let inside = order::Column::PlacedOn.between(window.from, window.to);
        let who: Expr = CaseStatement::new().case(inside, Expr::col(order::Column::CustomerId)).into();
        who.count_distinct()
    });
    let ordered = ordered.into_model::<Sums>().one(app.read()).await?.unwrap_or_default();

    let periods = pairs.iter().zip(made.pairs()).zip(ordered.pairs()).map(|((pair, made), ordered)| CustomerPeriod {
        period: pair.period,
        from: pair.now.from,
        to: pair.now.to,
        new: made.0,
        new_before: made.1,
        active: ordered.0,
        active_before: ordered.1,
    });
    Ok(CustomerKpis { total, periods: periods.collect() })
}
