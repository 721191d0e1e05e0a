//! What the life of an order promises.

use proptest::prelude::*;

use super::*;

fn line(line_id: i64, quantity: i64, total_minor: i64) -> LineCounts {
    LineCounts { line_id, sku_id: Some(line_id * 10), quantity, allocated: quantity, total_minor, ..LineCounts::default() }
}

#[test]
fn m4_3_an_ended_order_stays_ended() {
    for command in Command::ALL {
        assert!(next(State::Cancelled, *command).is_err());
        assert!(next(State::Completed, *command).is_err());
    }
    assert_eq!(allowed(State::Placed), [Command::Confirm, Command::Cancel]);
}

#[test]
fn m4_3_a_shipped_order_is_not_cancelled() {
    let mut facts = CancelFacts { state: State::Confirmed, picking: false, lines: vec![line(1, 3, 300)], kept_minor: 300 };
    let plan = plan_cancel(&facts).unwrap();
    assert_eq!((plan.state, plan.refund_minor), (State::Cancelled, 300));
    assert_eq!(plan.release, [Demand { sku_id: 10, quantity: 3 }]);
    facts.picking = true;
    assert_eq!(plan_cancel(&facts), Err(CancelRefusal::Picking));
    facts.picking = false;
    facts.lines[0].shipped = 1;
    assert_eq!(plan_cancel(&facts), Err(CancelRefusal::Shipped(1)));
}

#[test]
fn m4_3_pieces_give_back_what_they_cost() {
    let facts = CancelFacts { state: State::Placed, picking: false, lines: vec![line(1, 3, 100), line(2, 1, 50)], kept_minor: 150 };
    let plan = plan_cancel_lines(&facts, &[CancelLine { line_id: 1, quantity: 1 }]).unwrap();
    assert_eq!((plan.state, plan.refund_minor), (State::Placed, 33));
    let all = [CancelLine { line_id: 1, quantity: 3 }, CancelLine { line_id: 2, quantity: 1 }];
    assert_eq!(plan_cancel_lines(&facts, &all).unwrap().state, State::Cancelled);
    let too_many = [CancelLine { line_id: 1, quantity: 2 }, CancelLine { line_id: 1, quantity: 2 }];
    assert_eq!(plan_cancel_lines(&facts, &too_many), Err(CancelRefusal::Quantity(1)));
}

#[test]
fn m4_11_the_payment_axis_follows_the_ledger() {
    let cases = [
        (100, 0, 0, Payment::Unpaid),
        (100, 40, 0, Payment::Partial),
        (100, 100, 0, Payment::Paid),
        (100, 120, 0, Payment::Overpaid),
        (100, 100, 30, Payment::PartRefunded),
        (100, 100, 100, Payment::Refunded),
        (100, 120, 20, Payment::Paid),
        (100, 120, 10, Payment::Overpaid),
        (0, 0, 0, Payment::Paid),
    ];
    for (total, paid, refunded, expected) in cases {
        assert_eq!(derive_payment(total, paid, refunded, 0), expected, "{total} {paid} {refunded}");
    }
    assert_eq!(derive_payment(100, 0, 0, 100), Payment::Authorized);
}

#[test]
fn words_are_read_as_they_are_written() {
    for state in State::ALL {
        assert_eq!(state.as_str().parse::<State>().unwrap(), *state);
    }
    assert!("shipped".parse::<State>().is_err());
}

proptest! {
    #[test]
    fn m4_3_pieces_called_off_one_by_one_cost_the_whole_line(
        list in 0_i64..100_000, quantity in 1_i64..30, off in 0_i64..1_000_001, rate in 0_i64..300_000, step in 1_i64..7,
    ) {
        let base = list * quantity;
        let (total, discount) = crate::percent_off(base, crate::Ppm(off));
        let tax_of = |amount| crate::money::tax_within(amount, crate::Ppm(rate));
        let mut line = LineAmounts { list, discount, total, tax: tax_of(total) };
        let mut standing = quantity;
        let mut returned = 0;
        while standing > 0 {
            let pieces = step.min(standing);
            returned += share(line.total, pieces, standing);
            line = call_off(line, standing, pieces, tax_of);
            standing -= pieces;
            prop_assert!(0 <= line.discount && line.discount <= list * standing);
            prop_assert_eq!(list * standing - line.discount, line.total);
            prop_assert!(0 <= line.tax && line.tax <= line.total);
        }
        prop_assert_eq!((line.total, returned), (0, total));
    }

    #[test]
    fn m4_3_a_cancel_releases_no_more_than_is_held(quantities in prop::collection::vec((1_i64..50, 0_i64..50), 1..8)) {
        let lines: Vec<LineCounts> = quantities
            .iter()
            .zip(1..)
            .map(|((quantity, held), id)| LineCounts { allocated: (*held).min(*quantity), ..line(id, *quantity, 1000) })
            .collect();
        let held: i64 = lines.iter().map(|line| line.allocated).sum();
        let plan = plan_cancel(&CancelFacts { state: State::Placed, picking: false, lines, kept_minor: 0 }).unwrap();
        let released: i64 = plan.release.iter().map(|demand| demand.quantity).sum();
        prop_assert_eq!(released, held);
    }
}
