//! What waits for whom: the one definition behind the dashboard's numbers, the badges
//! beside the navigation, and the lists they open (M1.2).

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zg_db::dialect::TO_REFUND;
use zg_db::entity::{order, order_line, payment_method, pick_list_order};
use zg_domain::order::{Fulfilment, Payment, State};

use crate::confirm::COD;

/// A confirmed order that has not left after so long is late.
const LATE: Duration = Duration::hours(48);

/// A queue of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Placed, and paid or payable on delivery.
    ToConfirm,
    /// Placed, and the money is still to come.
    ToPay,
    /// Confirmed, pieces still lie on the shelf, on no open pick list.
    ToPick,
    /// Confirmed, picked pieces are still in the house.
    ToShip,
    /// More was kept than is due.
    ToRefund,
    /// Confirmed two days ago and still here.
    Overdue,
}

impl Queue {
    /// Every queue, in the order of the work.
    pub const ALL: &[Self] = &[Self::ToConfirm, Self::ToPay, Self::ToPick, Self::ToShip, Self::ToRefund, Self::Overdue];

    /// Its name in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToConfirm => "to_confirm",
            Self::ToPay => "to_pay",
            Self::ToPick => "to_pick",
            Self::ToShip => "to_ship",
            Self::ToRefund => "to_refund",
            Self::Overdue => "overdue",
        }
    }

    /// Which orders stand in it.
    pub fn condition(self, now: DateTime<Utc>) -> Condition {
        use order::Column;
        let confirmed = Condition::all().add(Column::State.eq(State::Confirmed.as_str()));
        match self {
            Self::ToConfirm => Condition::all()
                .add(Column::State.eq(State::Placed.as_str()))
                .add(Condition::any().add(paid()).add(Column::PaymentMethod.in_subquery(on_delivery()))),
            Self::ToPay => Condition::all()
                .add(Column::State.eq(State::Placed.as_str()))
                .add(paid().not())
                .add(Condition::any().add(Column::PaymentMethod.is_null()).add(Column::PaymentMethod.not_in_subquery(on_delivery()))),
            Self::ToPick => confirmed.add(Column::Id.in_subquery(lines_with(on_the_shelf()))).add(Column::Id.not_in_subquery(picking())),
            Self::ToShip => confirmed.add(Column::Id.in_subquery(lines_with(packed()))).add(Column::Id.not_in_subquery(picking())),
            // In the very words of its partial index.
            Self::ToRefund => Condition::all().add(Expr::cust(TO_REFUND)),
            Self::Overdue => confirmed
                .add(Column::ConfirmedAt.lt(now - LATE))
                .add(Column::FulfilmentState.is_not_in([Fulfilment::Shipped.as_str(), Fulfilment::Delivered.as_str()])),
        }
    }
}

fn paid() -> Condition {
    let settled = [Payment::Paid, Payment::Overpaid, Payment::Authorized].map(Payment::as_str);
    Condition::all().add(order::Column::PaymentState.is_in(settled))
}

fn on_delivery() -> sea_orm::sea_query::SelectStatement {
    payment_method::Entity::find()
        .select_only()
        .column(payment_method::Column::Code)
        .filter(payment_method::Column::Kind.eq(COD))
        .into_query()
}

fn picking() -> sea_orm::sea_query::SelectStatement {
    pick_list_order::Entity::find()
        .select_only()
        .column(pick_list_order::Column::OrderId)
        .filter(pick_list_order::Column::Open.eq(true))
        .into_query()
}

fn lines_with(rule: Condition) -> sea_orm::sea_query::SelectStatement {
    order_line::Entity::find().select_only().column(order_line::Column::OrderId).filter(rule).into_query()
}

/// Pieces that were neither called off nor picked.
fn on_the_shelf() -> Condition {
    use order_line::Column;
    let gone = Expr::col(Column::Cancelled).add(Expr::col(Column::Picked));
    Condition::all().add(Expr::col(Column::Quantity).gt(gone))
}

/// Pieces that were picked and have not left.
fn packed() -> Condition {
    use order_line::Column;
    Condition::all().add(Expr::col(Column::Picked).gt(Expr::col(Column::Shipped)))
}
