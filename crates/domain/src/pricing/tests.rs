//! What pricing promises.

use proptest::prelude::*;

use super::*;

fn line(ordinal: i32, list: i64, quantity: i64) -> Line {
    Line { ordinal, quantity, list, tax: Ppm(130_000), agreed_off: None }
}

fn cart(lines: Vec<Line>, promotions: Vec<Promotion>) -> Cart {
    Cart {
        currency: Currency::CNY,
        lines,
        promotions,
        shipping: 1000,
        shipping_original: 1000,
        shipping_tax: Ppm(60_000),
        fees: 0,
        tax_included: true,
    }
}

fn promotion(id: i64, phase: Phase, stacking: Stacking, action: Action) -> Promotion {
    Promotion { id, name: format!("P{id}"), phase, priority: 0, stacking, action, lines: vec![1, 2] }
}

#[test]
fn b1_every_step_of_a_plain_price_is_told() {
    let priced = price(&cart(vec![line(1, 5000, 2), line(2, 333, 1)], Vec::new())).unwrap();
    assert_eq!((priced.lines_total, priced.total, priced.tax_added), (10_333, 11_333, 0));
    assert_eq!(priced.tax_included, 1150 + 38 + 57);
    let rules: Vec<&str> = priced.steps.iter().map(|step| step.rule.as_str()).collect();
    assert_eq!(rules, ["list_price", "list_price", "shipping", "tax_included"]);
}

#[test]
fn m3_11_free_promotions_stack_on_the_running_price() {
    let off = |ppm| Action::Percent { off: Ppm(ppm), cap: None };
    let both = vec![promotion(1, Phase::Line, Stacking::Free, off(200_000)), promotion(2, Phase::Line, Stacking::Free, off(100_000))];
    assert_eq!(price(&cart(vec![line(1, 10_000, 1)], both)).unwrap().lines_total, 7200);
    let group = |id, ppm| promotion(id, Phase::Line, Stacking::Group("g".into()), off(ppm));
    let priced = price(&cart(vec![line(1, 10_000, 1)], vec![group(1, 100_000), group(2, 300_000)])).unwrap();
    assert_eq!(priced.lines_total, 7000);
    assert!(priced.steps.iter().any(|step| step.promotion == Some(1) && step.reason.as_deref() == Some("better_in_group")));
    let exclusive =
        vec![promotion(1, Phase::Line, Stacking::Exclusive, off(100_000)), promotion(2, Phase::Line, Stacking::Free, off(500_000))];
    let priced = price(&cart(vec![line(1, 10_000, 1)], exclusive)).unwrap();
    assert_eq!(priced.lines_total, 9000);
    assert!(priced.steps.iter().any(|step| step.promotion == Some(2) && step.reason.as_deref() == Some("exclusive")));
}

#[test]
fn m3_5_an_amount_off_the_order_is_prorated_exactly() {
    let amount = promotion(1, Phase::Order, Stacking::Free, Action::Amount(1000));
    let priced = price(&cart(vec![line(1, 3333, 1), line(2, 6667, 1)], vec![amount])).unwrap();
    assert_eq!((priced.discount, priced.lines_total), (1000, 9000));
    let more = promotion(1, Phase::Order, Stacking::Free, Action::Amount(99_999_999));
    assert_eq!(price(&cart(vec![line(1, 100, 1)], vec![more])).unwrap().lines_total, 0);
}

#[test]
fn m3_8_free_shipping_shows_the_fee_it_saved() {
    let free = promotion(1, Phase::Shipping, Stacking::Free, Action::FreeShipping);
    let priced = price(&cart(vec![line(1, 100, 1)], vec![free])).unwrap();
    assert_eq!(priced.shipping, 0);
    assert!(priced.steps.iter().any(|step| step.phase == Phase::Shipping && step.before == 1000 && step.after == 0));
}

#[test]
fn what_is_too_large_is_refused() {
    assert_eq!(price(&cart(vec![line(1, i64::MAX, 2)], Vec::new())), Err(MoneyError::Overflow));
    assert_eq!(price(&cart(vec![line(1, -1, 1)], Vec::new())), Err(MoneyError::Overflow));
    assert_eq!(price(&cart(vec![line(1, AMOUNT_LIMIT, 1), line(2, 1, 1)], Vec::new())), Err(MoneyError::Overflow));
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        (0_i64..1_200_000, prop::option::of(0_i64..5000)).prop_map(|(off, cap)| Action::Percent { off: Ppm(off), cap }),
        (0_i64..100_000).prop_map(Action::Amount),
        (0_i64..10_000).prop_map(Action::FixedPrice),
        Just(Action::FreeShipping),
    ]
}

proptest! {
    #[test]
    fn totals_add_up_whatever_applies(
        amounts in prop::collection::vec((0_i64..1_000_000, 1_i64..20), 1..12),
        actions in prop::collection::vec((any_action(), 0_usize..3, 0_usize..3), 0..8),
        tax_included in any::<bool>(),
    ) {
        let lines: Vec<Line> = amounts.iter().zip(1..).map(|((list, quantity), ordinal)| line(ordinal, *list, *quantity)).collect();
        let promotions = actions
            .into_iter()
            .zip(1..)
            .map(|((action, phase, stacking), id)| {
                let phase = [Phase::Catalogue, Phase::Line, Phase::Order][phase];
                let stacking = [Stacking::Free, Stacking::Exclusive, Stacking::Group("g".into())][stacking].clone();
                promotion(id, phase, stacking, action)
            })
            .collect();
        let cart = Cart { tax_included, ..cart(lines, promotions) };
        let priced = price(&cart).unwrap();
        prop_assert_eq!(priced.lines_total + priced.shipping + priced.fees + priced.tax_added, priced.total);
        prop_assert!(priced.total >= 0);
        for line in &priced.lines {
            prop_assert!(0 <= line.discount && line.discount <= line.list * line.quantity);
            prop_assert_eq!(line.list * line.quantity - line.discount, line.total);
        }
        prop_assert_eq!(price(&cart).unwrap(), priced);
    }
}
