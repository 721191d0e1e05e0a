//! Pricing a cart: the goal is 1,000 lines with 50 promotions in under 20 ms.

use zg_domain::pricing::{Action, Cart, Line, Phase, Promotion, Stacking, price};
use zg_domain::{Currency, Ppm};

fn main() {
    divan::main();
}

fn cart(lines: i32, promotions: i64) -> Cart {
    let all: Vec<i32> = (1..=lines).collect();
    Cart {
        currency: Currency::CNY,
        lines: all
            .iter()
            .map(|ordinal| Line {
                ordinal: *ordinal,
                quantity: i64::from(ordinal % 7 + 1),
                list: i64::from(ordinal * 137 % 90_000 + 100),
                tax: Ppm(130_000),
                agreed_off: None,
            })
            .collect(),
        promotions: (1..=promotions)
            .map(|id| Promotion {
                id,
                name: format!("promotion {id}"),
                phase: if id % 5 == 0 { Phase::Order } else { Phase::Line },
                priority: 0,
                stacking: Stacking::Free,
                action: if id % 5 == 0 { Action::Amount(100) } else { Action::Percent { off: Ppm(10_000), cap: None } },
                lines: all.clone(),
            })
            .collect(),
        shipping: 1200,
        shipping_original: 1200,
        shipping_tax: Ppm(60_000),
        fees: 0,
        tax_included: true,
    }
}

#[divan::bench(args = [(1, 0), (10, 5), (100, 50), (1000, 50)])]
fn price_a_cart(bencher: divan::Bencher<'_, '_>, (lines, promotions): (i32, i64)) {
    bencher.with_inputs(|| cart(lines, promotions)).bench_refs(|cart| price(cart));
}
